import { type DescField, type DescMethod, getOption } from '@bufbuild/protobuf';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { Code, ConnectError } from '@connectrpc/connect';
import { limits } from '../gen/aceup/scheduler/v1/limits_pb.js';

/*
 * A request may be as large as MAX_REQUEST_BYTES, and larger by the documents in it: fields with the limit `max_bytes`.
 * What they allow must not go to lists of a hundred thousand items, which take long to decode.
 */

/** How large the requests of a method may be. */
export interface RequestSize {
  /** The size of the largest request, in any form, in bytes. */
  readonly largest: number;
  /** The rule for what is in a request besides its documents. */
  readonly rule: string;
  /** Whether a request in protobuf binary keeps the rule. */
  fitsBinary(request: Uint8Array): boolean;
  /** Whether a request in JSON keeps the rule. */
  fitsJson(request: Uint8Array): boolean;
}

/** @param maxRequestBytes the size of the largest request of a method that takes no document */
export function requestSizeOf({ input }: DescMethod, maxRequestBytes: number): RequestSize {
  const rule = `the request must have at most ${maxRequestBytes} bytes besides its document`;
  const documents = input.fields.filter((field) => mostBytes(field) > 0);
  if (documents.length === 0) return { largest: maxRequestBytes, rule, fitsBinary: () => true, fitsJson: () => true };
  const numbers = new Set(documents.map(({ number }) => number));
  const isSmall = (request: Uint8Array) => request.length <= maxRequestBytes;
  return {
    largest: maxRequestBytes + documents.reduce((sum, field) => sum + inBase64(mostBytes(field)), 0),
    rule,
    fitsBinary: (request) => isSmall(request) || bytesBesides(numbers, request, maxRequestBytes) <= maxRequestBytes,
    fitsJson: (request) => isSmall(request) || request.length - longestBase64(request) <= maxRequestBytes,
  };
}

/** RESOURCE_EXHAUSTED: what a request has besides its documents is too large. */
export function tooLarge({ rule }: RequestSize): ConnectError {
  return new ConnectError(rule, Code.ResourceExhausted);
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
