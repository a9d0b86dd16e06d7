import type { MessageInitShape } from '@bufbuild/protobuf';
import type { TimestampSchema } from '@bufbuild/protobuf/wkt';
import { writeShortAscii } from './bytes.js';

/**
 * Makes an encoder of messages, or of what `create` would make them of. It writes the bytes that `toBinary` of
 * protobuf-es writes, but no unknown fields, and throws for a value that its type cannot have.
 * @param encode writes the fields of the outermost message
 */
export function encoder<Init>(encode: (writer: WireWriter, message: Init) => void): (message: object) => Buffer {
  return (message) => {
    writer.begin();
    encode(writer, message as Init);
    return writer.written();
  };
}

/**
 * Writes the fields of answers as protobuf binary, for the code in src/gen. A tag is the number and the wire type of a
 * field, as they are encoded. Throws a `RangeError` for a number that its type cannot have.
 */
export class WireWriter {
  #bytes = Buffer.allocUnsafeSlow(4096);
  #length = 0;

  /** Forgets what was written. */
  begin(): void {
    this.#length = 0;
  }

  /** A copy of what was written. */
  written(): Buffer {
    const copy = Buffer.allocUnsafe(this.#length);
    this.#bytes.copy(copy, 0, 0, this.#length);
    return copy;
  }

  text(tag: number, value: string): void {
    // Its length in UTF-8 is at most three bytes for each unit of UTF-16.
    this.#makeRoom(2 * LONGEST_VARINT + 3 * value.length);
    this.#varint(tag);
    if (this.#shortAscii(value)) return;
    this.#varint(Buffer.byteLength(value));
    this.#length += this.#bytes.write(value, this.#length);
  }

  bool(tag: number, value: boolean): void {
    this.int32(tag, value ? 1 : 0);
  }

  int32(tag: number, value: number): void {
    if (value !== (value | 0)) throw new RangeError(`${value} is not an int32`);
    this.#makeRoom(2 * LONGEST_VARINT);
    this.#varint(tag);
    if (value >= 0) this.#varint(value);
    else this.#varint64(BigInt(value));
  }

  int64(tag: number, value: bigint): void {
    if (value !== BigInt.asIntN(64, value)) throw new RangeError(`${value} is not an int64`);
    this.#makeRoom(2 * LONGEST_VARINT);
    this.#varint(tag);
    this.#varint64(value);
  }

  time(tag: number, value: MessageInitShape<typeof TimestampSchema>): void {
    this.message(tag, value, encodeTime);
  }

  /** @param encode writes the fields of the message */
  message<Init>(tag: number, value: Init, encode: (writer: WireWriter, message: Init) => void): void {
    this.#makeRoom(2 * LONGEST_VARINT);
    this.#varint(tag);
    const at = this.#length;
    // Behind one byte for the length, which is known only afterwards.
    const start = at + 1;
    this.#length = start;
    encode(this, value);
    const length = this.#length - start;
    if (length > 0x7f) {
      this.#makeRoom(LONGEST_VARINT);
      this.#bytes.copyWithin(at + varintBytes(length), start, this.#length);
    }
    this.#length = at;
    this.#varint(length);
    this.#length += length;
  }

  /** Writes a short ASCII text with its length; returns false, and writes nothing, for any other. */
  #shortAscii(value: string): boolean {
    const start = this.#length + 1;
    if (!writeShortAscii(value, this.#bytes, start)) return false;
    this.#bytes[start - 1] = value.length;
    this.#length = start + value.length;
    return true;
  }

  /** @param value less than 2^31, not negative */
  #varint(value: number): void {
    const bytes = this.#bytes;
    let rest = value;
    while (rest > 0x7f) {
      bytes[this.#length] = (rest & 0x7f) | 0x80;
      this.#length += 1;
      rest >>>= 7;
    }
    bytes[this.#length] = rest;
    this.#length += 1;
  }

  /** A negative value has ten bytes, as one of 64 bits without a sign. */
  #varint64(value: bigint): void {
    // Each step makes bigints: the usual value, seconds since the epoch, is written without any.
    let rest = value;
    while (rest < 0n || rest > MAX_INT32) {
      const bits = BigInt.asUintN(64, rest);
      this.#bytes[this.#length] = Number(bits & 0x7fn) | 0x80;
      this.#length += 1;
      rest = bits >> 7n;
    }
    this.#varint(Number(rest));
  }

  #makeRoom(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.#length + bytes));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** In bytes. */
const LONGEST_VARINT = 10;

const MAX_INT32 = 2n ** 31n - 1n;

// One for all answers, since each is written at once. It keeps the room for the longest: a page of a list.
const writer = new WireWriter();

/** How many bytes the varint of a value has. */
function varintBytes(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;
}

function encodeTime(to: WireWriter, { seconds, nanos }: MessageInitShape<typeof TimestampSchema>): void {
  if (seconds !== undefined && seconds !== 0n) to.int64(8, seconds);
  if (nanos !== undefined && nanos !== 0) to.int32(16, nanos);
}
