/** Writes rows in the form that `COPY ... WITH (FORMAT binary)` reads: `beginRow`, then each field of the row. */
export interface BinaryWriter {
  beginRow(fields: number): void;
  null(): void;
  int32(value: number): void;
  int64(value: bigint): void;
  /** A whole number of 64 bits, exact up to 2^53. */
  safeInt64(value: number): void;
  /** A thousand times a whole number; the product has 64 bits. */
  thousands(value: number): void;
  text(value: string): void;
  /** Throws a `RangeError` unless the value is a UUID with hyphens. */
  uuid(value: string): void;
  /** Ends the rows and returns all that was written. The writer cannot be used afterwards. */
  end(): Buffer;
}

/** The signature, no flags and no extension. */
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');

/** Ends the rows, in place of a number of fields. */
const NO_MORE_ROWS = -1;

/** In place of the length of a field. */
const NULL = -1;

const FIRST_CAPACITY = 64 * 1024;

/** A writer without rows. */
export function createBinaryWriter(): BinaryWriter {
  let buffer = Buffer.allocUnsafe(FIRST_CAPACITY);
  // A DataView writes numbers several times as fast as a Buffer.
  let view = viewOf(buffer);
  let length = HEADER.copy(buffer);

  function makeRoom(bytes: number): void {
    if (length + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * (length + bytes));
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
    view = viewOf(buffer);
  }

  function int16(value: number): void {
    makeRoom(2);
    view.setInt16(length, value);
    length += 2;
  }

  /** Writes the length of a field, makes room for its bytes and returns where they begin. */
  function field(bytes: number): number {
    makeRoom(4 + bytes);
    view.setInt32(length, bytes);
    const start = length + 4;
    length = start + bytes;
    return start;
  }

  return {
    beginRow: int16,
    null() {
      makeRoom(4);
      view.setInt32(length, NULL);
      length += 4;
    },
    int32(value) {
      const start = field(4);
      view.setInt32(start, value);
    },
    int64(value) {
      const start = field(8);
      view.setBigInt64(start, value);
    },
    safeInt64(value) {
      const start = field(8);
      view.setInt32(start, Math.floor(value / 2 ** 32));
      // Takes the value modulo 2^32.
      view.setUint32(start + 4, value);
    },
    thousands(value) {
      // In two halves: the product may exceed 2^53, and bigints take ten times as long.
      const high = Math.floor(value / 2 ** 32);
      const low = 1_000 * (value - high * 2 ** 32);
      const carry = Math.floor(low / 2 ** 32);
      const start = field(8);
      view.setInt32(start, 1_000 * high + carry);
      view.setUint32(start + 4, low - carry * 2 ** 32);
    },
    text(value) {
      // Its length in UTF-8 is known only afterwards: at most three bytes for each unit of UTF-16.
      makeRoom(4 + 3 * value.length);
      const bytes = writeText(value, buffer, length + 4);
      view.setInt32(length, bytes);
      length += 4 + bytes;
    },
    uuid(value) {
      const start = field(16);
      writeUuid(value, buffer, start);
    },
    end() {
      int16(NO_MORE_ROWS);
      return buffer.subarray(0, length);
    },
  };
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** Returns the number of bytes written. */
function writeText(value: string, buffer: Buffer, start: number): number {
  // Most texts are short and ASCII: a loop writes them faster than a call into the runtime.
  for (let n = 0; n < value.length; n += 1) {
    const code = value.charCodeAt(n);
    if (code > 0x7f || n > SHORT) return buffer.write(value, start);
    buffer[start + n] = code;
  }
  return value.length;
}

/** The longest text that the loop writes faster, in UTF-16 units. */
const SHORT = 64;

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
