import { writeShortAscii } from '../wire/bytes.js';

/** Writes values in the binary form in which Postgres takes them: the length in bytes, then the bytes. */
export class ValueWriter {
  #buffer: Buffer<ArrayBuffer>;
  // A DataView writes numbers several times as fast as a Buffer.
  #view: DataView;
  #length = 0;

  constructor() {
    this.#buffer = Buffer.allocUnsafeSlow(FIRST_CAPACITY);
    this.#view = viewOf(this.#buffer);
  }

  null(): void {
    this.rawInt32(NULL);
  }

  boolean(value: boolean): void {
    const start = this.#begin(1);
    this.#view.setUint8(start, Number(value));
  }

  int32(value: number): void {
    const start = this.#begin(4);
    this.#view.setInt32(start, value);
  }

  int64(value: bigint): void {
    const start = this.#begin(8);
    this.#view.setBigInt64(start, value);
  }

  /** A whole number of 64 bits, exact up to 2^53. */
  safeInt64(value: number): void {
    const start = this.#begin(8);
    this.#view.setInt32(start, Math.floor(value / 2 ** 32));
    // Takes the value modulo 2^32.
    this.#view.setUint32(start + 4, value);
  }

  /** A thousand times a whole number; the product has 64 bits. */
  thousands(value: number): void {
    // In two halves: the product may exceed 2^53, and bigints take ten times as long.
    const high = Math.floor(value / 2 ** 32);
    const low = 1_000 * (value - high * 2 ** 32);
    const carry = Math.floor(low / 2 ** 32);
    const start = this.#begin(8);
    this.#view.setInt32(start, 1_000 * high + carry);
    this.#view.setUint32(start + 4, low - carry * 2 ** 32);
  }

  text(value: string): void {
    // Its length in UTF-8 is known only afterwards: at most three bytes for each unit of UTF-16.
    this.#makeRoom(4 + 3 * value.length);
    this.#end(this.#length + 4 + writeText(value, this.#buffer, this.#length + 4));
  }

  /** The text of a JSON value. */
  jsonb(value: string): void {
    this.#makeRoom(5 + 3 * value.length);
    this.#view.setUint8(this.#length + 4, JSONB_VERSION);
    this.#end(this.#length + 5 + writeText(value, this.#buffer, this.#length + 5));
  }

  /** Throws a `RangeError` unless the value is a UUID with hyphens. */
  uuid(value: string): void {
    const start = this.#begin(16);
    writeUuid(value, this.#buffer, start);
  }

  /** The number of bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** All that was written, in memory that a further write may change. */
  protected get written(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  protected rawInt16(value: number): void {
    this.#makeRoom(2);
    this.#view.setInt16(this.#length, value);
    this.#length += 2;
  }

  protected rawInt32(value: number): void {
    this.#makeRoom(4);
    this.#view.setInt32(this.#length, value);
    this.#length += 4;
  }

  protected rawBytes(bytes: Buffer): void {
    this.#makeRoom(bytes.length);
    bytes.copy(this.#buffer, this.#length);
    this.#length += bytes.length;
  }

  /** Writes the length of a value, makes room for its bytes and returns where they begin. */
  #begin(bytes: number): number {
    this.#makeRoom(4 + bytes);
    this.#view.setInt32(this.#length, bytes);
    const start = this.#length + 4;
    this.#length = start + bytes;
    return start;
  }

  /** Writes the length of a value whose bytes are there already. */
  #end(end: number): void {
    this.#view.setInt32(this.#length, end - this.#length - 4);
    this.#length = end;
  }

  #makeRoom(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
    this.#view = viewOf(larger);
  }
}

/** Writes rows in the form that `COPY ... WITH (FORMAT binary)` reads: `beginRow`, then each value of the row. */
export class CopyWriter extends ValueWriter {
  constructor() {
    super();
    this.rawBytes(COPY_HEADER);
  }

  beginRow(values: number): void {
    this.rawInt16(values);
  }

  /** Ends the rows and returns all that was written. The writer cannot be used afterwards. */
  end(): Buffer {
    this.rawInt16(NO_MORE_ROWS);
    return this.written;
  }
}

/** Writes arrays as parameters of a statement, which pg sends in binary form: `beginArray`, then each element. */
export class ArrayWriter extends ValueWriter {
  readonly #starts: number[] = [];

  /** @param elementType the number that Postgres has for it */
  beginArray(elementType: number, length: number): void {
    this.#starts.push(this.length);
    this.rawInt32(length === 0 ? 0 : 1); // dimensions
    this.rawInt32(MAY_HAVE_NULLS);
    this.rawInt32(elementType);
    if (length === 0) return;
    this.rawInt32(length);
    this.rawInt32(1); // the first subscript
  }

  /** Returns the arrays, in their order. The writer cannot be used afterwards. */
  end(): Buffer[] {
    const { written } = this;
    return this.#starts.map((start, nr) => written.subarray(start, this.#starts[nr + 1]));
  }
}

/** The numbers of types, the same in every database. */
export const OID = {
  boolean: 16,
  bigint: 20,
  integer: 23,
  text: 25,
  date: 1082,
  timestamptz: 1184,
  uuid: 2950,
  jsonb: 3802,
} as const;

/** The signature of COPY, no flags and no extension. */
const COPY_HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');

/** Ends the rows, in place of a number of values. */
const NO_MORE_ROWS = -1;

/** In place of the length of a value. */
const NULL = -1;

/** A flag of arrays. Postgres looks for nulls by itself. */
const MAY_HAVE_NULLS = 1;

/** Of the binary form of jsonb. */
const JSONB_VERSION = 1;

const FIRST_CAPACITY = 16 * 1024;

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** Returns the number of bytes written. */
function writeText(value: string, buffer: Buffer, start: number): number {
  return writeShortAscii(value, buffer, start) ? value.length : buffer.write(value, start);
}

/** Where the bytes of a UUID begin in its text, two digits each. */
const UUID_BYTES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const HYPHENS = [8, 13, 18, 23];
const HYPHEN = 0x2d;

/** The value of a hexadecimal digit, by its character code; NaN for other characters. */
const DIGITS = Array.from({ length: 128 }, (_, code) => Number(`0x${String.fromCharCode(code)}`));

function writeUuid(value: string, buffer: Buffer, start: number): void {
  let sum = 0;
  for (let n = 0; n < 16; n += 1) {
    const at = UUID_BYTES[n]!;
    const byte = 16 * DIGITS[value.charCodeAt(at)]! + DIGITS[value.charCodeAt(at + 1)]!;
    buffer[start + n] = byte;
    // NaN stays NaN.
    sum += byte;
  }
  if (value.length !== 36 || Number.isNaN(sum) || HYPHENS.some((at) => value.charCodeAt(at) !== HYPHEN)) {
    throw new RangeError(`not a UUID: ${value}`);
  }
}
