import { connect, type Socket } from 'node:net';
import { pauseQuietly } from '../../src/waiting.js';
import type { Attack } from './attack.js';
import { createAnswerReader } from './http1.js';
import { createFrameReader, PREFACE } from './http2.js';

/** What came back, over all connections of an attack. */
export interface Outcome {
  readonly httpStatuses: readonly number[];
  readonly grpcStatuses: readonly number[];
  /** How many requests were answered, in whatever way. */
  readonly answers: number;
  /** How many connections the service closed with an answer, as HTTP lets it. */
  readonly closed: number;
  /** All bytes that came back. */
  readonly bytes: Buffer;
}

/** Where the service listens. */
export interface Target {
  readonly httpPort: number;
  readonly grpcPort: number;
}

/** Milliseconds within which an answer that has to come must come: more than any call may take. */
const ANSWER_LIMIT = 15_000;

/**
 * Hostile callers have another address than the well-behaved one, as the service shares itself out among addresses. Only
 * Linux takes every address of the loopback network.
 */
const FROM = process.platform === 'linux' ? { localAddress: '127.0.0.2' } : {};

/** Carries out an attack, and resolves with what came back. Never rejects: the service may cut any connection. */
export async function carryOut(attack: Attack, target: Target): Promise<Outcome> {
  const count = attack.connections ?? 1;
  const outcomes = await Promise.all(Array.from({ length: count }, () => onConnection(attack, target)));
  return {
    httpStatuses: outcomes.flatMap(({ httpStatuses }) => httpStatuses),
    grpcStatuses: outcomes.flatMap(({ grpcStatuses }) => grpcStatuses),
    answers: outcomes.reduce((sum, { answers }) => sum + answers, 0),
    closed: outcomes.reduce((sum, { closed }) => sum + closed, 0),
    bytes: Buffer.concat(outcomes.map(({ bytes }) => bytes)),
  };
}

async function onConnection(attack: Attack, { httpPort, grpcPort }: Target): Promise<Outcome> {
  const port = attack.door === 'grpc' ? grpcPort : httpPort;
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, ...FROM });
  const reader = createReader(attack);
  const chunks: Buffer[] = [];
  const over = new AbortController();
  const limit = setTimeout(() => over.abort(), attack.answers > 0 ? ANSWER_LIMIT : (attack.patience ?? 100));
  socket.on('error', () => {});
  socket.once('close', () => over.abort());
  socket.once('end', () => over.abort());
  if (attack.isDeaf) socket.pause();
  else {
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      reader.read(chunk);
      if (attack.answers > 0 && reader.outcome().answers >= attack.answers) over.abort();
    });
  }
  await writeAll(socket, attack, over.signal);
  await aborted(over.signal);
  clearTimeout(limit);
  socket.destroy();
  return { ...reader.outcome(), bytes: Buffer.concat(chunks) };
}

async function writeAll(socket: Socket, { writes, pause }: Attack, signal: AbortSignal): Promise<void> {
  for (const bytes of writes) {
    if (signal.aborted || !socket.writable) return;
    // A service that does not read must not make the attacker wait for ever.
    const isTaken = socket.write(bytes);
    if (pause) await pauseQuietly(pause, signal);
    else if (!isTaken) await drained(socket, signal);
  }
}

function drained(socket: Socket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    socket.once('drain', done);
    signal.addEventListener('abort', done);
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Reads what comes back, as HTTP/2 when the attack begins so. */
function createReader({ door, writes }: Attack): { read(chunk: Buffer): void; outcome(): Omit<Outcome, 'bytes'> } {
  const isHttp2 = door === 'grpc' && writes[0]?.subarray(0, PREFACE.length).equals(PREFACE) === true;
  if (isHttp2) {
    const frames = createFrameReader();
    return {
      read: frames.read,
      outcome: () => ({
        httpStatuses: [],
        grpcStatuses: frames.heard.grpcStatuses,
        answers: frames.heard.ended.size,
        closed: 0,
      }),
    };
  }
  const http = createAnswerReader();
  return {
    read: http.read,
    outcome: () => ({
      httpStatuses: http.answers.map(({ status }) => status),
      grpcStatuses: http.answers.map(({ grpcStatus }) => grpcStatus).filter((status) => status >= 0),
      answers: http.answers.length,
      closed: http.answers.at(-1)?.isLast ? 1 : 0,
    }),
  };
}
