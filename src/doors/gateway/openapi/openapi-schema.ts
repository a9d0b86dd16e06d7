import {
  type DescEnum,
  type DescField,
  type DescMessage,
  getOption,
  type JsonObject,
  type JsonValue,
  ScalarType,
} from '@bufbuild/protobuf';
import { limits } from '../../../gen/aceup/scheduler/v1/limits_pb.js';
import { may_be_partial } from '../../../gen/aceup/scheduler/v1/rest_pb.js';
import { FieldBehavior, field_behavior } from '../../../gen/google/api/field_behavior_pb.js';
import type { ProtoComments } from './proto-comments.js';

/** Values for the examples, by field. */
const EXAMPLES: Readonly<Record<string, string | number>> = {
  coach_hash_id: '123',
  client_hash_id: '456',
  start: '2022-12-01T14:30:00Z',
  duration: 60,
  local_start: '2026-03-02T09:30',
  time_zone: 'Europe/Zurich',
  recurrence: 'FREQ=WEEKLY;BYDAY=MO;COUNT=10',
  reason: 'a mistake',
  outcome: 'SESSION_STATE_COMPLETED',
};

/** JSON Schemas of messages and fields as REST has them: with the names, limits and comments in the protos. */
export interface Schemas {
  /** A reference to the message's schema. */
  ofMessage(message: DescMessage): JsonObject;
  ofField(field: DescField): JsonObject;
  /** All that were referred to, by name. */
  readonly components: JsonObject;
}

/** Makes schemas with the comments for descriptions. */
export function schemasWith(comments: ProtoComments): Schemas {
  const components: JsonObject = {};

  /** @param isPartial whether the message may be without any of its fields */
  function ofMessage(message: DescMessage, isPartial = false): JsonObject {
    if (message.typeName === 'google.protobuf.Timestamp') return { type: 'string', format: 'date-time' };
    const component = isPartial ? `Partial${message.name}` : message.name;
    if (!components[component]) {
      const schema: JsonObject = { type: 'object', description: comments.get(message.typeName) ?? '' };
      components[component] = schema;
      schema['properties'] = Object.fromEntries(message.fields.map((field) => [field.name, ofField(field)]));
      const required = isPartial ? [] : message.fields.filter(isRequired).map(({ name }) => name);
      if (required.length > 0) schema['required'] = required;
    }
    return { $ref: `#/components/schemas/${component}` };
  }

  function ofEnum({ name, typeName, values }: DescEnum): JsonObject {
    const meanings = values.map((value) => `\`${value.name}\`: ${comments.get(`${typeName}.${value.name}`) ?? ''}`);
    components[name] ??= {
      type: 'string',
      enum: values.map((value) => value.name),
      description: [comments.get(typeName) ?? '', ...meanings].join('\n\n'),
    };
    return { $ref: `#/components/schemas/${name}` };
  }

  function ofElement(field: DescField): JsonObject {
    const { scalar, enum: values, message } = field;
    if (message) return ofMessage(message, getOption(field, may_be_partial));
    return values ? ofEnum(values) : ofScalar(scalar as ScalarType);
  }

  function ofField(field: DescField): JsonObject {
    const description = comments.get(`${field.parent.typeName}.${field.name}`) ?? '';
    const element = { ...ofElement(field), ...limitsOf(field) };
    const example = EXAMPLES[field.name];
    return {
      ...arranged(field, element),
      description,
      ...(example !== undefined && { examples: [example] }),
      ...(behaves(field, FieldBehavior.OUTPUT_ONLY) && { readOnly: true }),
    };
  }

  return { ofMessage, ofField, components };
}

/** An example of the message: its required fields. */
export function exampleOf(message: DescMessage): JsonObject {
  const fields = message.fields.filter(isRequired);
  return Object.fromEntries(fields.map((field) => [field.name, EXAMPLES[field.name] ?? exampleValue(field)]));
}

function exampleValue({ message, enum: values }: DescField): JsonValue {
  if (message) return exampleOf(message);
  return values?.values[1]?.name ?? '';
}

function arranged({ fieldKind }: DescField, element: JsonObject): JsonObject {
  if (fieldKind === 'list') return { type: 'array', items: element };
  return fieldKind === 'map' ? { type: 'object', additionalProperties: element } : element;
}

function ofScalar(scalar: ScalarType): JsonObject {
  switch (scalar) {
    case ScalarType.STRING:
      return { type: 'string' };
    case ScalarType.BOOL:
      return { type: 'boolean' };
    case ScalarType.BYTES:
      return { type: 'string', contentEncoding: 'base64' };
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      return { type: 'number' };
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return { type: 'string', format: 'int64' };
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return { type: 'integer', format: 'int32' };
    default:
      return scalar satisfies never;
  }
}

/** The limits of a text or a number. A 64-bit number is a text in JSON, for which JSON Schema has no limits. */
function limitsOf(field: DescField): JsonObject {
  const { minLength, maxLength, pattern, min, max } = getOption(field, limits);
  return {
    ...(minLength !== undefined && { minLength }),
    ...(maxLength !== undefined && { maxLength }),
    ...(pattern && { pattern }),
    ...(field.scalar === ScalarType.INT32 && min !== undefined && { minimum: Number(min) }),
    ...(field.scalar === ScalarType.INT32 && max !== undefined && { maximum: Number(max) }),
  };
}

function isRequired(field: DescField): boolean {
  return behaves(field, FieldBehavior.REQUIRED);
}

function behaves(field: DescField, behavior: FieldBehavior): boolean {
  return getOption(field, field_behavior).includes(behavior);
}
