// Readers of the messages in requests: from a JSON value to a message. They take the common forms of well-formed JSON,
// and answer undefined for anything else.
import { ScalarType } from '@bufbuild/protobuf';
import { enumValue, generated, helper, isTime, supported } from './types.mjs';

const SCALARS = new Map([
  [ScalarType.STRING, { reader: 'readText', zero: '""' }],
  [ScalarType.BOOL, { reader: 'readBool', zero: 'false' }],
  [ScalarType.INT32, { reader: 'readInt32', zero: '0' }],
  [ScalarType.INT64, { reader: 'readInt64', zero: '0n' }],
]);

/** The messages that requests have, as far as they are supported, and their enums. */
export function requestsOf(methods, schema) {
  return supported(
    methods.map(({ input }) => input),
    schema,
    ({ fieldKind, oneof, scalar }) => {
      if (oneof) return false;
      return fieldKind === 'scalar' ? SCALARS.has(scalar) : fieldKind === 'enum' || fieldKind === 'message';
    },
  );
}

export function printReader(f, message) {
  const name = f.importShape(message).name;
  const shape = f.importShape(message);
  const isObject = helper(f, 'isObject', 'request-fields');
  f.print(`/** Reads ${message.typeName}; undefined: ask the long way. */`);
  f.print(`export function read${name}(json: unknown): `, shape, ` | undefined {`);
  f.print(`  if (!`, isObject, `(json)) return undefined;`);
  f.print(`  const message: `, shape, ` = {`);
  f.print(`    $typeName: "${message.typeName}",`);
  for (const field of message.fields) {
    const zero = zeroOf(f, field);
    if (zero) f.print(`    ${field.localName}: `, zero, `,`);
  }
  f.print(`  };`);
  f.print(`  for (const key in json) {`);
  f.print(`    switch (key) {`);
  for (const field of message.fields) printCase(f, field);
  f.print(`      default:`);
  f.print(`        return undefined;`);
  f.print(`    }`);
  f.print(`  }`);
  f.print(`  return message;`);
  f.print(`}`);
  f.print();
}

function printCase(f, field) {
  const { name, jsonName, localName } = field;
  if (jsonName === name) {
    f.print(`      case "${name}": {`);
  } else {
    f.print(`      case "${name}":`);
    f.print(`      case "${jsonName}": {`);
    f.print(`        if (key === "${jsonName}" && "${name}" in json) return undefined;`);
  }
  f.print(`        const value = `, readerOf(f, field), `(json[key]);`);
  f.print(`        if (value === undefined) return undefined;`);
  f.print(`        message.${localName} = value;`);
  f.print(`        break;`);
  f.print(`      }`);
}

function readerOf(f, field) {
  if (field.enum) return generated(f, 'read', field.enum);
  if (isTime(field.message)) return helper(f, 'readTime', 'request-fields');
  return field.message
    ? generated(f, 'read', field.message)
    : helper(f, SCALARS.get(field.scalar).reader, 'request-fields');
}

/** What a field has when it is absent; undefined when a message is without it then. */
function zeroOf(f, { presence, scalar, enum: values }) {
  if (presence !== IMPLICIT) return undefined;
  return values ? enumValue(f, values.values[0]) : SCALARS.get(scalar).zero;
}

// google.protobuf.FeatureSet.FieldPresence
const IMPLICIT = 2;

export function printEnumReader(f, type) {
  const name = f.importShape(type).name;
  f.print(`/** Reads ${type.typeName}; undefined: ask the long way. */`);
  f.print(`export function read${name}(json: unknown): `, f.importShape(type), ` | undefined {`);
  f.print(`  switch (json) {`);
  for (const value of type.values) {
    f.print(`    case "${value.name}":`);
    f.print(`      return `, enumValue(f, value), `;`);
  }
  f.print(`    default:`);
  f.print(`      return `, helper(f, 'readEnumNumber', 'request-fields'), `(json);`);
  f.print(`  }`);
  f.print(`}`);
  f.print();
}

export function printReaders(f, messages) {
  const desc = f.import('DescMessage', '@bufbuild/protobuf', true);
  const any = f.import('Message', '@bufbuild/protobuf', true);
  f.print(`/** Readers of the requests of all methods, but of messages with fields that no reader knows. */`);
  f.print(`export const requestReaders: ReadonlyMap<`, desc, `, (json: unknown) => `, any, ` | undefined> = new Map<`);
  f.print(`  `, desc, `,`);
  f.print(`  (json: unknown) => `, any, ` | undefined`);
  f.print(`>([`);
  for (const message of messages) f.print(`  [`, f.importSchema(message), `, `, generated(f, 'read', message), `],`);
  f.print(`]);`);
  f.print();
}
