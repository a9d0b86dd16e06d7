import { once } from 'node:events';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { Duplex } from 'node:stream';
import { Code } from '@connectrpc/connect';
import type { Outcome } from '../hostile/carry-out.js';
import { FRAME } from '../hostile/http2.js';
import type { Input } from './inputs.js';

/** What came back, as far as a judge needs it. */
export interface Answered {
  /** OK, a code of gRPC, or `HTTP 404` for an answer without a code; undefined for no answer. */
  readonly code: string | undefined;
  /** Everything that can be read in it, what is base64 decoded too. */
  readonly text: string;
}

/** Reads what came back for an input. */
export async function answeredWith({ door, caller }: Input, outcome: Outcome): Promise<Answered> {
  const { httpStatuses, grpcStatuses, bytes } = outcome;
  if (door === 'grpc') {
    const [status] = grpcStatuses;
    // Who sends any frames may be answered on any stream.
    const read = caller ? await readHttp2(bytes) : bytes.toString('latin1');
    if (status !== undefined && read === '') throw new Error('an answer of gRPC could not be read');
    const text = withDecoded(read);
    return { code: status === undefined ? undefined : nameOf(status), text };
  }
  const text = withDecoded(bytes.toString('latin1'));
  const [http] = httpStatuses;
  if (http === undefined) return { code: undefined, text };
  if (http < 300 && (grpcStatuses[0] ?? 0) > 0) return { code: nameOf(grpcStatuses[0]!), text };
  if (http < 300) return { code: 'OK', text };
  const [, named] = /"code":\s*"([A-Za-z_]+)"/.exec(text) ?? [];
  return { code: named?.toUpperCase() ?? `HTTP ${http}`, text };
}

/** `AlreadyExists` as REST and Connect have it. */
function nameOf(status: number): string {
  return status === 0 ? 'OK' : (Code[status] ?? 'x').replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}

const BASE64 = /[A-Za-z0-9+/_-]{20,}={0,2}/g;

/** A text, and what its parts mean that may be base64: details of errors, and tokens. */
function withDecoded(text: string): string {
  const decoded = (text.match(BASE64) ?? []).map((part) => Buffer.from(part, 'base64').toString('latin1'));
  return [text, ...decoded].join('\n');
}

/** Milliseconds to read what is there already. */
const PATIENCE = 1_000;

/** Headers, data and trailers of the first stream. A client of Node reads them: it knows how headers are compressed. */
async function readHttp2(bytes: Buffer): Promise<string> {
  const wire = new Duplex({
    read: () => {},
    write(chunk: Buffer, _encoding, done) {
      // Before the client has asked, an answer would be to a stream that it does not know.
      if (chunk[3] === FRAME.headers) setImmediate(giveAnswer);
      done();
    },
  });
  const session = connect('http://127.0.0.1', { createConnection: () => wire });
  const parts: string[] = [];
  const giveAnswer = () => {
    wire.push(bytes);
    wire.push(null);
  };
  const keep = (headers: IncomingHttpHeaders) => {
    for (const [name, value] of Object.entries(headers)) parts.push(`${name}: ${value}`);
    // As grpc-js has encoded it.
    parts.push(decodeURI(String(headers['grpc-message'] ?? '')));
  };
  session.on('error', () => {});
  const stream = session.request({ ':path': '/', ':method': 'POST' });
  stream
    .on('response', keep)
    .on('trailers', keep)
    .on('error', () => {});
  stream.on('data', (chunk: Buffer) => parts.push(chunk.toString('latin1')));
  const isOver = once(stream, 'close', { signal: AbortSignal.timeout(PATIENCE) }).catch(() => {});
  stream.end();
  await isOver;
  session.destroy();
  return parts.join('\n');
}
