import { type JsonObject, type JsonValue, toJson } from '@bufbuild/protobuf';
import type { Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import { WatchSessionsResponseSchema } from '../../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { watchSessions } from '../../support/doors.js';
import { eventsOf, streamOf } from '../../support/stream-doors.js';

/** A message of WatchSessions, in JSON with proto names. */
export interface Message {
  readonly position: string;
  readonly change?: JsonObject;
  readonly session?: JsonObject;
}

/** A watcher. */
export interface Watching {
  /** The next message. Rejects when the stream fails or ends. */
  next(): Promise<Message>;
  /** The next message with a change. */
  nextChange(): Promise<JsonObject>;
  stop(): void;
}

/** How a door is watched through. */
export type Watch = (request: JsonObject, headers?: Readonly<Record<string, string>>) => Promise<Watching>;

/** Where a service is. */
export interface Addresses {
  readonly httpUrl: string;
  readonly grpcAddress: string;
}

/** The doors, by name. */
export const WATCHES: readonly [name: string, watch: (at: Addresses) => Watch][] = [
  ['gRPC', ({ grpcAddress }) => through(createGrpcTransport({ baseUrl: `http://${grpcAddress}` }))],
  ['Connect', ({ httpUrl }) => through(createConnectTransport({ baseUrl: httpUrl, httpVersion: '1.1' }))],
  ['gRPC-Web', ({ httpUrl }) => through(createGrpcWebTransport({ baseUrl: httpUrl, httpVersion: '1.1' }))],
  ['server-sent events', ({ httpUrl }) => throughEvents(httpUrl)],
];

function through(transport: Transport): Watch {
  return async (request, headers = {}) => {
    const leaving = new AbortController();
    const messages = streamOf(transport, watchSessions, request, { headers, signal: leaving.signal });
    return watchingOf(inJson(messages), () => leaving.abort());
  };
}

async function* inJson(messages: ReturnType<typeof streamOf<typeof watchSessions>>): AsyncGenerator<Message> {
  for await (const message of messages) {
    const json = toJson(WatchSessionsResponseSchema, message, { useProtoFieldName: true, alwaysEmitImplicit: true });
    yield json as unknown as Message;
  }
}

/** The address of a watch over REST. */
export function watchUrl(httpUrl: string, request: JsonObject): string {
  const query = Object.entries(request).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, String(one)]),
  );
  return `${httpUrl}/api/v1/sessions:watch?${new URLSearchParams(query)}`;
}

function throughEvents(httpUrl: string): Watch {
  return async (request, headers = {}) => {
    const leaving = new AbortController();
    const answer = await fetch(watchUrl(httpUrl, request), { headers, signal: leaving.signal });
    if (!answer.ok) throw Object.assign(new Error(), { problem: await answer.json() });
    return watchingOf(asMessages(answer), () => leaving.abort());
  };
}

async function* asMessages(answer: Response): AsyncGenerator<Message> {
  for await (const { id = '0', event, data } of eventsOf(answer)) {
    const told = data === undefined ? undefined : (JSON.parse(data) as JsonObject);
    if (event === 'problem') throw Object.assign(new Error(data), { problem: told });
    if (event === 'session') yield { position: id, ...(told as { session: JsonObject }) };
    else yield { position: id, ...(told && { change: told }) };
  }
}

function watchingOf(messages: AsyncIterator<Message>, stop: () => void): Watching {
  async function next(): Promise<Message> {
    const { done, value } = await messages.next();
    if (done) throw new Error('the stream ended');
    return value;
  }
  return {
    next,
    async nextChange() {
      for (;;) {
        const { change } = await next();
        if (change) return change;
      }
    },
    stop,
  };
}

/** Sends a command over REST. Throws when it is refused. */
export async function send(
  httpUrl: string,
  path: string,
  body: JsonValue,
  method = 'POST',
  own: Readonly<Record<string, string>> = {},
): Promise<JsonObject> {
  const headers = { 'content-type': 'application/json', ...own };
  const answer = await fetch(`${httpUrl}/api/v1/${path}`, { method, headers, body: JSON.stringify(body) });
  const json = (await answer.json()) as JsonObject;
  if (!answer.ok) throw new Error(JSON.stringify(json));
  return json;
}

let slots = 0;

/** Books a free hour. Answers the session. */
export async function book(httpUrl: string, coach: string, client = `client-of-${coach}`): Promise<JsonObject> {
  slots += 1;
  const start = new Date(Date.UTC(2030, 0, 1, slots)).toISOString();
  const session = { coach_hash_id: coach, client_hash_id: client, start, duration: 60 };
  return (await send(httpUrl, 'sessions', { session }))['session'] as JsonObject;
}
