/* Frames of HTTP/2, made and read by hand: a client library would refuse to send most of what is sent here. RFC 9113. */

export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goAway: 7,
  window: 8,
  continuation: 9,
};
export const FLAG = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 0x20 };
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** One frame. @param length what its head says, which may be a lie */
export function frame(type: number, flags: number, stream: number, payload: Buffer, length = payload.length): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream >>> 0, 5);
  return Buffer.concat([head, payload]);
}

export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

export const setting = (id: number, value: number): Buffer => Buffer.concat([Buffer.from([0, id]), uint32(value)]);

const NO_TABLE = setting(1, 0);
const LARGEST_WINDOW = 2 ** 31 - 1;

/** What a client says first. Answers then have no dynamic table, so that a status can be found without a decoder. */
export function opening(window = LARGEST_WINDOW): Buffer {
  const settings = frame(FRAME.settings, 0, 0, Buffer.concat([NO_TABLE, setting(4, window)]));
  return Buffer.concat([PREFACE, settings, frame(FRAME.window, 0, 0, uint32(LARGEST_WINDOW - 65_535))]);
}

/** Fields as HPACK literals that no table keeps. RFC 7541, 6.2.2. */
export function headerBlock(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), literal(name), literal(value)]));
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([integer(bytes.length), bytes]);
}

/** An integer with a prefix of 7 bits. RFC 7541, 5.1. */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.of(value);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

type Fields = readonly (readonly [name: string, value: string])[];

/** The header fields of a gRPC call. */
export function callFields(path: string, more: Fields = []): Fields {
  const own: Fields = [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', path],
    [':authority', 'localhost'],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
  ];
  return [...own.filter(([name]) => more.every(([other]) => other !== name)), ...more];
}

/** Headers, in as many frames as they need. */
export function headersFrame(stream: number, fields: Fields, flags = FLAG.endHeaders): Buffer {
  const block = headerBlock(fields);
  if (block.length <= LARGEST_FRAME) return frame(FRAME.headers, flags, stream, block);
  const parts = Array.from({ length: Math.ceil(block.length / LARGEST_FRAME) }, (_, nr) =>
    block.subarray(nr * LARGEST_FRAME, (nr + 1) * LARGEST_FRAME),
  );
  const flagsOf = (nr: number) => (nr === 0 ? flags & ~FLAG.endHeaders : nr === parts.length - 1 ? FLAG.endHeaders : 0);
  return Buffer.concat(
    parts.map((part, nr) => frame(nr === 0 ? FRAME.headers : FRAME.continuation, flagsOf(nr), stream, part)),
  );
}

/** Data in frames of the usual size, the last of which ends the stream. */
export function dataFrames(stream: number, data: Buffer, lastFlags = FLAG.endStream): Buffer {
  const frames: Buffer[] = [];
  for (let at = 0; at === 0 || at < data.length; at += LARGEST_FRAME) {
    const isLast = at + LARGEST_FRAME >= data.length;
    frames.push(frame(FRAME.data, isLast ? lastFlags : 0, stream, data.subarray(at, at + LARGEST_FRAME)));
  }
  return Buffer.concat(frames);
}

const LARGEST_FRAME = 16_384;

/** A whole call. */
export function call(stream: number, path: string, data: Buffer, fields: Fields = []): Buffer {
  return Buffer.concat([headersFrame(stream, callFields(path, fields)), dataFrames(stream, data)]);
}

/** What a server said. */
export interface Heard {
  /** The statuses of calls. */
  readonly grpcStatuses: readonly number[];
  /** Streams that ended, whether by a status or a reset. */
  readonly ended: ReadonlySet<number>;
  /** The codes of resets and of the end of the connection. */
  readonly errors: readonly number[];
}

/** `grpc-status` in the code of RFC 7541, appendix B, as servers write it without a table; then its length and digits. */
const GRPC_STATUS = Buffer.from([0x88, ...Buffer.from('9acac8b21234da8f', 'hex')]);

/** Reads frames as they come. */
export function createFrameReader(): { read(chunk: Buffer): void; readonly heard: Heard } {
  const heard = { grpcStatuses: [] as number[], ended: new Set<number>(), errors: [] as number[] };
  let bytes: Buffer = Buffer.alloc(0);

  function hear(type: number, flags: number, stream: number, payload: Buffer): void {
    if (type === FRAME.headers) {
      const at = payload.indexOf(GRPC_STATUS);
      const digits = at === -1 ? -1 : at + GRPC_STATUS.length;
      if (digits > 0)
        heard.grpcStatuses.push(Number(payload.toString('latin1', digits + 1, digits + 1 + payload[digits]!)));
    }
    if (type === FRAME.reset) heard.errors.push(payload.readUInt32BE(0));
    if (type === FRAME.goAway) heard.errors.push(payload.readUInt32BE(4));
    const isEnd = (type === FRAME.headers || type === FRAME.data) && flags & FLAG.endStream;
    if (isEnd || type === FRAME.reset) heard.ended.add(stream);
  }

  return {
    heard,
    read(chunk) {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      while (bytes.length >= 9) {
        const end = 9 + bytes.readUIntBE(0, 3);
        if (bytes.length < end) return;
        hear(bytes[3]!, bytes[4]!, bytes.readUInt32BE(5), bytes.subarray(9, end));
        bytes = bytes.subarray(end);
      }
    },
  };
}
