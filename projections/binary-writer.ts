/** Writes rows in the form that `COPY ... WITH (FORMAT binary)` reads: a row is begun, then each of its fields written. */
export interface BinaryWriter {
  beginRow(fields: number): void;
  null(): void;
  int32(value: number): void;
  int64(value: bigint): void;
  text(value: string): void;
  /** Throws for what is not a UUID with its hyphens. */
  uuid(value: string): void;
  /** All that was written. Nothing can be written afterwards. */
  end(): Buffer;
}

/** The signature, no flags and no extension. */
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');

/** Stands in the place of the number of fields. */
const NO_MORE_ROWS = -1;

/** Stands in the place of the length of a field. */
const NULL = -1;

const FIRST_CAPACITY = 64 * 1024;

/** A writer of rows to which nothing has been written. */
export function createBinaryWriter(): BinaryWriter {
  let buffer = Buffer.allocUnsafe(FIRST_CAPACITY);
  let length = HEADER.copy(buffer);

  function makeRoom(bytes: number): void {
    if (length + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * (length + bytes));
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
  }

  function int16(value: number): void {
    makeRoom(2);
    length = buffer.writeInt16BE(value, length);
  }

  /** Writes the length of a field and makes room for its bytes. */
  function beginField(bytes: number): void {
    makeRoom(4 + bytes);
    length = buffer.writeInt32BE(bytes, length);
  }

  return {
    beginRow: int16,
    null() {
      makeRoom(4);
      length = buffer.writeInt32BE(NULL, length);
    },
    int32(value) {
      beginField(4);
      length = buffer.writeInt32BE(value, length);
    },
    int64(value) {
      beginField(8);
      length = buffer.writeBigInt64BE(value, length);
    },
    text(value) {
      // How long it is in UTF-8 is known when it is written: at most three bytes for each unit of UTF-16.
      makeRoom(4 + 3 * value.length);
      const bytes = buffer.write(value, length + 4);
      length = buffer.writeInt32BE(bytes, length) + bytes;
    },
    uuid(value) {
      beginField(16);
      length = writeUuid(value, buffer, length);
    },
    end() {
      int16(NO_MORE_ROWS);
      return buffer.subarray(0, length);
    },
  };
}

/** Where the bytes of a UUID begin in its text, two digits each. */
const UUID_BYTES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const HYPHENS = [8, 13, 18, 23];
const HYPHEN = 0x2d;

/** The value of a hexadecimal digit, by its character code; NaN for other characters. */
const DIGITS = Array.from({ length: 128 }, (_, code) => Number(`0x${String.fromCharCode(code)}`));

/** Answers where its bytes end. */
function writeUuid(value: string, buffer: Buffer, start: number): number {
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
  return start + 16;
}
