import { once } from 'node:events';
import { connect } from 'node:net';

const SETTINGS = 4;
const HEADERS = 1;
const DATA = 0;
const END_STREAM = 1;
const END_HEADERS = 4;

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A text of HPACK, shorter than 16,000 bytes. https://www.rfc-editor.org/rfc/rfc7541#section-5.2 */
function hpackText(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  const more = bytes.length - 127;
  const length = more < 0 ? [bytes.length] : more < 128 ? [127, more] : [127, (more & 127) | 128, more >> 7];
  return Buffer.concat([Buffer.from(length), bytes]);
}

/** Sends a gRPC call with exactly these headers, which Node's own client would not send. Resolves when it is answered. */
export async function rawGrpcCall(
  address: string,
  path: string,
  headers: readonly (readonly [name: string, value: string])[],
): Promise<void> {
  const colon = address.lastIndexOf(':');
  const socket = connect(Number(address.slice(colon + 1)), address.slice(0, colon));
  const all = [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', path],
    [':authority', address],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
    ...headers,
  ] as const;
  // Literal headers that no table keeps.
  const block = all.map(([name, value]) => Buffer.concat([Buffer.from([0]), hpackText(name), hpackText(value)]));
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  socket.write(frame(SETTINGS, 0, 0, Buffer.alloc(0)));
  socket.write(frame(HEADERS, END_HEADERS, 1, Buffer.concat(block)));
  socket.write(frame(DATA, END_STREAM, 1, Buffer.alloc(5)));
  socket.on('data', (bytes: Buffer) => {
    if (endsStream(bytes)) socket.end();
  });
  await once(socket, 'close');
}

/** Whether one of the frames ends stream 1: its headers, when there is no answer, or its trailers. */
function endsStream(bytes: Buffer): boolean {
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
    if (bytes.readUInt8(at + 3) === HEADERS && bytes.readUInt8(at + 4) & END_STREAM) return true;
  }
  return false;
}
