import {
  type DescEnum,
  type DescField,
  type DescMessage,
  getOption,
  type JsonObject,
  ScalarType,
} from '@bufbuild/protobuf';
import { ErrorReasonSchema, one_of_reasons } from '../../../gen/aceup/scheduler/v1/errors_pb.js';
import { limits } from '../../../gen/aceup/scheduler/v1/limits_pb.js';
import { may_be_partial } from '../../../gen/aceup/scheduler/v1/rest_pb.js';
import { FieldBehavior, field_behavior } from '../../../gen/google/api/field_behavior_pb.js';
import type { ProtoComments } from './proto-comments.js';

/** Values for the fields in the schemas: by name, or `Message.field` where a name means different things. */
const EXAMPLES: Readonly<Record<string, string | number>> = {
  id: '01847b6a-5d00-7000-8000-000000000001',
  coach_hash_id: '123',
  client_hash_id: '456',
  start: '2022-12-01T14:30:00Z',
  duration: 60,
  local_start: '2026-03-02T09:30',
  time_zone: 'Europe/Zurich',
  recurrence: 'FREQ=WEEKLY;BYDAY=MO;COUNT=10',
  reason: 'a mistake',
  'OfferedSlot.local_start': '2030-03-25T04:00:00-04:00',
  'TimeOff.reason': 'holiday',
};

/** JSON Schemas of messages and fields as REST has them: with the names, limits and comments in the protos. */
export interface Schemas {
  /** The schema of a field in a request. */
  ofField(field: DescField): JsonObject;
  /** The schema of a request's body: all fields that are not given elsewhere. */
  ofBody(message: DescMessage, elsewhere: readonly DescField[]): JsonObject;
  /** A reference to the schema of a response. */
  ofResponse(message: DescMessage): JsonObject;
  /** A reference to the schema of an enum, with its first value, which means none, or without. */
  ofEnum(values: DescEnum, options?: { withoutFirst: boolean }): JsonObject;
  /** All that were referred to, by name. */
  readonly components: JsonObject;
}

/** What the schema of a message is for. */
interface Form {
  readonly nameOf: (message: string) => string;
  readonly has: (field: DescField) => boolean;
  readonly requires: (field: DescField) => boolean;
}

/** A caller leaves out what is not REQUIRED, and what the service assigns. */
const REQUEST: Form = {
  nameOf: (message) => `${message}Input`,
  has: (field) => !behaves(field, FieldBehavior.OUTPUT_ONLY),
  requires: isRequired,
};

/** Secrets are never answered. */
const isAnswered = (field: DescField) => !behaves(field, FieldBehavior.INPUT_ONLY);

/** REST writes every field, also with its default, except fields that are `optional` or OPTIONAL. */
const RESPONSE: Form = {
  nameOf: (message) => message,
  has: isAnswered,
  requires: (field) => !field.proto.proto3Optional && !field.oneof && !behaves(field, FieldBehavior.OPTIONAL),
};

/** The caller asked for some of the fields only. */
const PARTIAL: Form = { nameOf: (message) => `Partial${message}`, has: isAnswered, requires: () => false };

/** Makes schemas with the comments for descriptions. */
export function schemasWith(comments: ProtoComments): Schemas {
  const components: JsonObject = {};

  function ofMessage(message: DescMessage, form: Form): JsonObject {
    if (message.typeName === 'google.protobuf.Timestamp') return { type: 'string', format: 'date-time' };
    const name = form.nameOf(message.name);
    if (!components[name]) {
      // Before its fields: a message may contain itself.
      components[name] = {};
      components[name] = objectOf(message, message.fields, form);
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  function objectOf(message: DescMessage, all: readonly DescField[], form: Form): JsonObject {
    const fields = all.filter(form.has);
    const required = fields.filter(form.requires).map(({ name }) => name);
    return {
      type: 'object',
      description: comments.get(message.typeName) ?? '',
      properties: Object.fromEntries(fields.map((field) => [field.name, ofField(field, form)])),
      ...(required.length > 0 && { required }),
    };
  }

  function ofEnum(
    { name: ownName, parent, typeName, values }: DescEnum,
    { withoutFirst } = { withoutFirst: false },
  ): JsonObject {
    const name = `${parent?.name ?? ''}${ownName}`;
    const named = withoutFirst ? values.slice(1) : values;
    const meanings = named.flatMap((value) => {
      const meaning = comments.get(`${typeName}.${value.name}`);
      return meaning ? [`\`${value.name}\`: ${meaning}`] : [];
    });
    const description = [comments.get(typeName) ?? [], meanings].flat().join('\n\n');
    components[name] ??= {
      type: 'string',
      enum: named.map((value) => value.name),
      ...(description && { description }),
    };
    return { $ref: `#/components/schemas/${name}` };
  }

  function ofElement(field: DescField, form: Form): JsonObject {
    const { scalar, enum: values, message } = field;
    if (message) return ofMessage(message, getOption(field, may_be_partial) ? PARTIAL : form);
    return values ? ofEnum(values) : ofScalar(scalar as ScalarType);
  }

  function ofField(field: DescField, form: Form): JsonObject {
    const description = comments.get(`${field.parent.typeName}.${field.name}`) ?? '';
    const reasons = reasonsOf(field);
    const element = {
      ...ofElement(field, form),
      ...limitsOf(field),
      ...(reasons.length > 0 && { enum: reasons }),
    };
    const example = reasons[0] ?? EXAMPLES[`${field.parent.name}.${field.name}`] ?? EXAMPLES[field.name];
    return { ...arranged(field, element), description, ...(example !== undefined && { examples: [example] }) };
  }

  return {
    ofField: (field) => ofField(field, REQUEST),
    ofBody: (message, elsewhere) =>
      objectOf(
        message,
        message.fields.filter((field) => !elsewhere.includes(field)),
        REQUEST,
      ),
    ofResponse: (message) => ofMessage(message, RESPONSE),
    ofEnum,
    components,
  };
}

/** The names of the reasons that a text may be. None: any text. */
function reasonsOf(field: DescField): string[] {
  return getOption(field, one_of_reasons).flatMap((reason) => ErrorReasonSchema.value[reason]?.name ?? []);
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

/** Whether a request must have the field. */
export function isRequired(field: DescField): boolean {
  return behaves(field, FieldBehavior.REQUIRED);
}

function behaves(field: DescField, behavior: FieldBehavior): boolean {
  return getOption(field, field_behavior).includes(behavior);
}
