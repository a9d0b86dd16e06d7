// Readers of the messages in requests: from a JSON value to a message. They take the common forms of well-formed JSON,
// and answer undefined for anything else.
import {
  enumValue,
  helper,
  isBytes,
  isKnown,
  isKnownList,
  isTime,
  jsonCodec,
  jsonScalar,
  printMap,
  supported,
  zeroOf,
} from './types.mjs';

/** The messages that requests have, as far as they are supported, and their enums. */
export function requestsOf(methods, schema) {
  return supported(
    methods.map(({ input }) => input),
    schema,
    (field) => isKnown(field) || isBytes(field) || isKnownList(field),
  );
}

export function printReader(f, message) {
  const name = f.importShape(message).name;
  const shape = f.importShape(message);
  const isObject = helper(f, 'isObject', 'json/request-fields');
  f.print(`/** Reads ${message.typeName}; undefined: ask the long way. */`);
  f.print(`export function read${name}(json: unknown): `, shape, ` | undefined {`);
  f.print(`  if (!`, isObject, `(json)) return undefined;`);
  printBlank(f, message);
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

/** A variable with the message as it is before any field is read. */
export function printBlank(f, message) {
  f.print(`  const message: `, f.importShape(message), ` = {`);
  f.print(`    $typeName: "${message.typeName}",`);
  for (const field of message.fields) {
    const zero = zeroOf(f, field);
    if (zero) f.print(`    ${field.localName}: `, zero, `,`);
  }
  f.print(`  };`);
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
  f.print(`        const value = `, valueRead(f, field), `;`);
  f.print(`        if (value === undefined) return undefined;`);
  f.print(`        message.${localName} = value;`);
  f.print(`        break;`);
  f.print(`      }`);
}

function valueRead(f, field) {
  if (field.fieldKind !== 'list') return [readerOf(f, field), `(json[key])`];
  return [helper(f, 'readList', 'json/request-fields'), `(json[key], `, readerOf(f, field), `)`];
}

function readerOf(f, field) {
  if (field.enum) return jsonCodec(f, 'read', field.enum);
  if (isTime(field.message)) return helper(f, 'readTime', 'json/request-fields');
  return field.message
    ? jsonCodec(f, 'read', field.message)
    : helper(f, jsonScalar('read', field.scalar), 'json/request-fields');
}

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
  f.print(`      return `, helper(f, 'readEnumNumber', 'json/request-fields'), `(json);`);
  f.print(`  }`);
  f.print(`}`);
  f.print();
}

export function printReaders(f, messages) {
  const type = [`(json: unknown) => `, f.import('Message', '@bufbuild/protobuf', true), ` | undefined`];
  const comment = 'Readers of the requests of all methods, but of messages with fields that no reader knows.';
  printMap(f, comment, 'requestReaders', type, messages, (message) => jsonCodec(f, 'read', message));
}
