// What the parts of the plugin have in common: types of protobuf, and names in the generated code.
import { ScalarType } from '@bufbuild/protobuf';

/** The full name of the message of times. */
const TIMESTAMP = 'google.protobuf.Timestamp';

/** Whether a type is that of times, which have functions of their own. */
export function isTime(message) {
  return message?.typeName === TIMESTAMP;
}

/**
 * The messages that functions can be generated for, with all messages and enums within them.
 * @param messages the outermost ones
 * @param schema has the files that code is generated for
 * @param isSupported whether a field is of a kind that the functions know; fields of messages are asked for as well
 */
export function supported(messages, { files }, isSupported) {
  const found = { messages: new Set(), enums: new Set() };

  function visit(message, above = []) {
    // A message that contains itself would need a limit of its depth; those of google.protobuf have JSON of their own.
    if (above.includes(message) || !files.includes(message.file)) return false;
    if (!message.fields.every((field) => isSupported(field))) return false;
    const inside = message.fields.map((field) => field.message).filter((type) => type && !isTime(type));
    if (!inside.every((type) => visit(type, [...above, message]))) return false;
    for (const field of message.fields) if (field.enum) found.enums.add(field.enum);
    found.messages.add(message);
    return true;
  }

  const roots = [...new Set(messages)].filter((message) => visit(message));
  return { roots, messages: [...found.messages], enums: [...found.enums] };
}

/** An extension by its full name, as an option that `getOption` takes. Throws when no file has it. */
export function extensionOf({ allFiles }, typeName) {
  const extension = allFiles.flatMap(({ extensions }) => extensions).find((one) => one.typeName === typeName);
  if (!extension) throw new Error(`no file has the option ${typeName}`);
  return extension;
}

/** The function of a type that reads or writes JSON: `readSession`, of session_json.ts. */
export function jsonCodec(f, prefix, type) {
  return f.import(prefix + f.importShape(type).name, `./${type.file.name}_json.js`);
}

/** The function of a message that reads or writes binary: `decodeSession`, of session_binary.ts. */
export function binaryCodec(f, prefix, message) {
  return f.import(prefix + f.importShape(message).name, `./${message.file.name}_binary.js`);
}

/** A function or a class that is written by hand, from a file in src/. */
export function helper(f, name, file, isType = false) {
  return f.import(name, `./../${file}.js`, isType);
}

/** The type of what `create` makes a message of. */
export function initOf(f, message) {
  return [f.import('MessageInitShape', '@bufbuild/protobuf', true), '<typeof ', f.importSchema(message, true), '>'];
}

/** Fields in the order in which they are written. */
export function inOrder(fields) {
  return fields.toSorted((one, other) => one.number - other.number);
}

/** Whether a field with its default value is as one that is absent. */
export function isImplicit({ presence }) {
  // google.protobuf.FeatureSet.FieldPresence.IMPLICIT
  return presence === 2;
}

/** What an absent field has in a message; undefined when a message is without it then. */
export function zeroOf(f, field) {
  if (field.fieldKind === 'list') return '[]';
  if (!isImplicit(field)) return undefined;
  if (isBytes(field)) return 'new Uint8Array(0)';
  return field.enum ? enumValue(f, field.enum.values[0]) : SCALARS.get(field.scalar)?.zero;
}

// The scalars that functions are generated for: their names in the functions, and what they are when absent.
const SCALARS = new Map([
  [ScalarType.STRING, { name: 'text', zero: '""' }],
  [ScalarType.BOOL, { name: 'bool', zero: 'false' }],
  [ScalarType.INT32, { name: 'int32', zero: '0' }],
  [ScalarType.INT64, { name: 'int64', zero: '0n' }],
]);

/** Whether a field is single, in no oneof, and of a type that functions are generated for. */
export function isKnown({ fieldKind, oneof, scalar }) {
  if (oneof) return false;
  return fieldKind === 'scalar' ? SCALARS.has(scalar) : fieldKind === 'enum' || fieldKind === 'message';
}

/** Whether a field is single, in no oneof, and of bytes: only requests have such fields. */
export function isBytes({ fieldKind, oneof, scalar }) {
  return !oneof && fieldKind === 'scalar' && scalar === ScalarType.BYTES;
}

/** Whether a field is a list of what requests have lists of: texts, values of an enum, numbers, messages. */
export function isKnownList({ listKind, scalar }) {
  if (listKind !== 'scalar') return listKind === 'enum' || listKind === 'message';
  return scalar === ScalarType.STRING || scalar === ScalarType.INT32;
}

/** Whether a field is a list of texts. */
export function isTextList({ listKind, scalar }) {
  return listKind === 'scalar' && scalar === ScalarType.STRING;
}

/** The method of a reader or a writer of binary for a scalar: `text`. */
export function binaryScalar(scalar) {
  if (scalar === ScalarType.BYTES) return 'bytes';
  return SCALARS.get(scalar).name;
}

/** The function that reads or writes a scalar as JSON, without its file: `readText`. */
export function jsonScalar(prefix, scalar) {
  if (scalar === ScalarType.BYTES) return `${prefix}Bytes`;
  const { name } = SCALARS.get(scalar);
  return prefix + name[0].toUpperCase() + name.slice(1);
}

/**
 * The number and the wire type of a field, as they are encoded: a varint, or a length and so many bytes. The numbers of a
 * list stand together.
 */
export function tagOf({ number, message, scalar, fieldKind }) {
  const isDelimited = message || fieldKind === 'list' || [ScalarType.STRING, ScalarType.BYTES].includes(scalar);
  return 8 * number + (isDelimited ? 2 : 0);
}

/**
 * A map from messages to their functions.
 * @param type of the functions
 * @param functionOf prints the function of a message
 */
export function printMap(f, comment, name, type, messages, functionOf) {
  const desc = f.import('DescMessage', '@bufbuild/protobuf', true);
  f.print(`/** ${comment} */`);
  f.print(`export const ${name}: ReadonlyMap<`, desc, `, `, type, `> = new Map<`);
  f.print(`  `, desc, `,`);
  f.print(`  `, type);
  f.print(`>([`);
  for (const message of messages) f.print(`  [`, f.importSchema(message), `, `, functionOf(message), `],`);
  f.print(`]);`);
  f.print();
}

/** A value of an enum in the code that protoc-gen-es generates: `Party.COACH`. */
export function enumValue(f, value) {
  const { name, from } = f.importShape(value.parent);
  return [f.import(name, from), '.', value.localName];
}
