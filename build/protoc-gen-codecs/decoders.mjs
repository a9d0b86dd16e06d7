// Decoders of the messages in requests: from protobuf binary to a message. They take the common form of well-formed
// bytes, and leave anything else to `fromBinary`; see src/wire/wire-reader.ts.
import { ScalarType } from '@bufbuild/protobuf';
import { printBlank } from './requests.mjs';
import { binaryCodec, binaryScalar, helper, isTime, printMap, tagOf } from './types.mjs';

export function printDecoder(f, message) {
  const shape = f.importShape(message);
  const reader = helper(f, 'WireReader', 'wire/wire-reader', true);
  f.print(`/** Reads ${message.typeName}, up to an end. */`);
  f.print(`export function decode${shape.name}(reader: `, reader, `, end: number): `, shape, ` {`);
  printBlank(f, message);
  f.print(`  while (reader.pos < end) {`);
  f.print(`    switch (reader.tag()) {`);
  for (const field of message.fields) {
    f.print(`      case ${tagOf(field)}:`);
    f.print(`        `, field.fieldKind === 'list' ? moreOf(f, field) : takenOf(f, field), `;`);
    f.print(`        break;`);
  }
  f.print(`      default:`);
  f.print(`        reader.leave();`);
  f.print(`    }`);
  f.print(`  }`);
  f.print(`  return message;`);
  f.print(`}`);
  f.print();
}

/** What a list has already, it keeps. */
function moreOf(f, { message, scalar, localName }) {
  if (message) return [`message.${localName}.push(reader.message(undefined, `, binaryCodec(f, 'decode', message), `))`];
  return scalar === ScalarType.STRING
    ? `message.${localName}.push(reader.text())`
    : `reader.int32s(message.${localName})`;
}

function takenOf(f, field) {
  return [`message.${field.localName} = `, readOf(f, field)];
}

function readOf(f, { message, scalar, enum: values, localName }) {
  if (values) return `reader.int32()`;
  if (isTime(message)) return `reader.time(message.${localName})`;
  if (message) return [`reader.message(message.${localName}, `, binaryCodec(f, 'decode', message), `)`];
  return `reader.${binaryScalar(scalar)}()`;
}

export function printDecoders(f, messages) {
  const type = [`(bytes: Uint8Array) => `, f.import('Message', '@bufbuild/protobuf', true), ` | undefined`];
  const comment = 'Decoders of the requests of all methods, but of messages with fields that no decoder knows.';
  const decoder = helper(f, 'decoder', 'wire/wire-reader');
  printMap(f, comment, 'requestDecoders', type, messages, (message) => [
    [decoder, `(`, binaryCodec(f, 'decode', message), `)`],
  ]);
}
