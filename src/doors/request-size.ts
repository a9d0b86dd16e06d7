import { type DescField, type DescMethod, getOption } from '@bufbuild/protobuf';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { limits } from '../gen/aceup/scheduler/v1/limits_pb.js';
import { invalidArgument } from '../handlers/answer/errors.js';

/*
 * A request may be as large as MAX_REQUEST_BYTES, and larger by the documents in it: fields with the limit `max_bytes`.
 * What they allow must not go to lists of a hundred thousand items, which take long to decode.
 */

/** How large the requests of a method may be. */
export interface RequestSize {
  /** The size of the largest request, in any form, in bytes. */
  readonly largest: number;
  /** Throws INVALID_ARGUMENT for a request in protobuf binary that is too large without its documents. */
  checkBinary(request: Uint8Array): void;
  /** Throws INVALID_ARGUMENT for a request in JSON that is too large without its documents. */
  checkJson(request: Uint8Array): void;
}

/** @param maxRequestBytes the size of the largest request of a method that takes no document */
export function requestSizeOf({ input }: DescMethod, maxRequestBytes: number): RequestSize {
  const documents = input.fields.filter((field) => mostBytes(field) > 0);
  if (documents.length === 0) return { largest: maxRequestBytes, checkBinary() {}, checkJson() {} };
  const numbers = new Set(documents.map(({ number }) => number));

  function check(request: Uint8Array, areOthersTooLarge: () => boolean): void {
    if (request.length <= maxRequestBytes || !areOthersTooLarge()) return;
    throw invalidArgument({
      field: '',
      description: `must have at most ${maxRequestBytes} bytes besides its document`,
    });
  }

  return {
    largest: maxRequestBytes + documents.reduce((sum, field) => sum + inBase64(mostBytes(field)), 0),
    checkBinary: (request) => check(request, () => bytesBesides(numbers, request, maxRequestBytes) > maxRequestBytes),
    checkJson: (request) => check(request, () => request.length - longestBase64(request) > maxRequestBytes),
  };
}

function mostBytes(field: DescField): number {
  return getOption(field, limits).maxBytes ?? 0;
}

/** Four characters stand for three bytes. */
function inBase64(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/** How many bytes a message in binary has besides some fields, as far as it can be read; more than `enough`: or more. */
function bytesBesides(fields: ReadonlySet<number>, message: Uint8Array, enough: number): number {
  const reader = new BinaryReader(message);
  let others = 0;
  try {
    while (reader.pos < reader.len && others <= enough) {
      const { pos } = reader;
      const [number, wireType] = reader.tag();
      reader.skip(wireType, number);
      if (!fields.has(number)) others += reader.pos - pos;
    }
  } catch {
    // Who decodes the message says what is wrong with it.
  }
  return others;
}

const QUOTE = 0x22;

/** By byte: 1 for those of base64, of either alphabet. */
const BASE64 = new Uint8Array(256);
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=')) BASE64[byte] = 1;

/** How many bytes the longest text of base64 in JSON has. */
function longestBase64(json: Uint8Array): number {
  let longest = 0;
  let length = Number.NEGATIVE_INFINITY;
  for (const byte of json) {
    if (byte === QUOTE) {
      longest = Math.max(longest, length);
      length = 0;
    } else {
      length = BASE64[byte] === 1 ? length + 1 : Number.NEGATIVE_INFINITY;
    }
  }
  return longest;
}
