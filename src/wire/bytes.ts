/** The same bytes as a Buffer, without a copy: only a Buffer reads texts in less than 100 ns. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The longest text that a loop writes faster than a call into the runtime. In protobuf its length takes one byte. */
const SHORT = 64;

/**
 * Writes a short ASCII text, as most texts are. Returns false for any other: then the bytes from there on mean nothing.
 * There must be room for the text.
 */
export function writeShortAscii(text: string, to: Buffer, start: number): boolean {
  const { length } = text;
  if (length > SHORT) return false;
  for (let n = 0; n < length; n += 1) {
    const code = text.charCodeAt(n);
    if (code > 0x7f) return false;
    to[start + n] = code;
  }
  return true;
}
