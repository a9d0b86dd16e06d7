// Encoders of the messages in answers: from a message, or what `create` would make one of, to protobuf binary; see
// src/wire/wire-writer.ts.
import { binaryCodec, binaryScalar, helper, initOf, inOrder, isTime, printMap, tagOf, zeroOf } from './types.mjs';

export function printEncoder(f, message) {
  const writer = helper(f, 'WireWriter', 'wire/wire-writer', true);
  f.print(`/** Writes ${message.typeName}. */`);
  f.print(
    `export function encode${f.importShape(message).name}(writer: `,
    writer,
    `, message: `,
    initOf(f, message),
    `) {`,
  );
  for (const field of inOrder(message.fields)) {
    const value = `message.${field.localName}`;
    if (field.fieldKind === 'list') {
      f.print(`  for (const item of ${value} ?? []) `, written(f, field, 'item'), `;`);
    } else {
      const zero = zeroOf(f, field);
      const unless = zero ? [` && ${value} !== `, zero] : ``;
      f.print(`  if (${value} !== undefined`, unless, `) `, written(f, field, value), `;`);
    }
  }
  f.print(`}`);
  f.print();
}

function written(f, field, value) {
  const { message, scalar, enum: values } = field;
  if (values) return `writer.int32(${tagOf(field)}, ${value})`;
  if (isTime(message)) return `writer.time(${tagOf(field)}, ${value})`;
  if (message) return [`writer.message(${tagOf(field)}, ${value}, `, binaryCodec(f, 'encode', message), `)`];
  return `writer.${binaryScalar(scalar)}(${tagOf(field)}, ${value})`;
}

export function printEncoders(f, messages) {
  const type = [`(message: object) => `, f.import('Buffer', 'node:buffer', true)];
  const comment = 'Encoders of the answers of all methods, but of messages with fields that no encoder knows.';
  const encoder = helper(f, 'encoder', 'wire/wire-writer');
  printMap(f, comment, 'answerEncoders', type, messages, (message) => [
    [encoder, `(`, binaryCodec(f, 'encode', message), `)`],
  ]);
}
