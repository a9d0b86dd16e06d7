import type { ServerResponse } from 'node:http';
import { create, type DescMessage, getOption, type Message, toJson } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { rest } from '../../../gen/aceup/scheduler/v1/rest_pb.js';
import type { Answer, StreamingEndpoint } from '../../../handlers/call.js';
import { AS_ANSWERED } from '../../../json/as-answered.js';
import { httpCall } from '../../incoming-call.js';
import type { Connections } from '../http/connections.js';
import { problemOf, secondsToRetry } from '../http/problem.js';
import { type FieldPath, resolveFieldPath } from './field-path.js';
import { valueAt } from './preconditions.js';
import { requestReader } from './request-reader.js';
import { type RestRoute, routerPath } from './rest-routes.js';

/** https://html.spec.whatwg.org/multipage/server-sent-events.html */
const HEAD = {
  'content-type': 'text/event-stream; charset=utf-8',
  // Proxies are to change nothing, as by compressing, and nginx is to keep nothing back.
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

/** A line that readers ignore: whoever watches knows at once that the stream is there. */
const GREETING = ': the stream begins\n';

/**
 * Serves a streaming route as server-sent events. An error before the first message is a problem with its status; one
 * that comes later ends the stream with an event `problem`. A browser then connects again by itself, as after any stream
 * that ends, and goes on after the last id: `retry` says when. For its sake an UNAVAILABLE comes in the stream always.
 */
export function serveEvents(
  app: FastifyInstance,
  route: RestRoute<StreamingEndpoint>,
  routes: readonly RestRoute[],
  connections: Connections,
): void {
  const { method, stream } = route.endpoint;
  const read = requestReader(route);
  const write = eventWriter(route);
  app.route({
    method: route.verb as HTTPMethods,
    url: routerPath(route, routes),
    // It would have no end.
    exposeHeadRoute: false,
    async handler(request, reply) {
      const call = httpCall(method, 'rest', request, reply);
      const messages = stream(() => read(request), call)[Symbol.asyncIterator]();
      const first = messages.next();
      await first.catch((error) => {
        if (!comesAgain(request, error)) throw error;
      });

      begin(reply, connections);
      const { raw } = reply;
      const { signal } = call.cancellation;
      try {
        for (let next = await first; !next.done; next = await messages.next()) {
          if (!raw.write(write(next.value))) await drained(raw, signal);
        }
      } catch (error) {
        raw.write(problemEvent(error, request.id));
      }
      raw.end();
      connections.ending(reply);
    },
  });
}

function begin(reply: FastifyReply, connections: Connections): void {
  connections.answering(reply, true);
  reply.hijack();
  reply.raw.writeHead(200, { ...reply.getHeaders(), ...HEAD } as Record<string, string>);
  reply.raw.write(GREETING);
}

/** Resolves when the caller has taken what was written, or has gone, or the call is over. */
function drained(raw: ServerResponse, signal: AbortSignal): Promise<void> {
  if (raw.destroyed || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      raw.off('drain', done).off('close', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    raw.on('drain', done).on('close', done);
    signal.addEventListener('abort', done);
  });
}

/**
 * Whether who asks is to hear of an error in the stream: a browser, which asks so, gives up for good at any status but
 * 200, also while the service starts.
 */
function comesAgain({ headers }: FastifyRequest, error: unknown): boolean {
  const { accept = '' } = headers;
  return accept.includes('text/event-stream') && error instanceof ConnectError && error.code === Code.Unavailable;
}

/** The end of a stream that fails. Of an error that passes, browsers get to know when to connect again. */
function problemEvent(error: unknown, correlationId: string): string {
  const seconds = secondsToRetry(error);
  const retry = seconds === undefined ? '' : `retry: ${1_000 * seconds}\n`;
  return retry + eventText('', 'problem', problemOf(error, correlationId));
}

/** Makes the function that writes a message of the stream as an event. */
function eventWriter({ endpoint: { method } }: RestRoute<StreamingEndpoint>): (message: Answer) => string {
  const { output } = method;
  const { id = '', type = '', data = '' } = getOption(method, rest).events ?? {};
  const [idPath, typePath, dataPath] = [id, type, data].map((path) => pathIn(output, path));
  const others = output.fields.filter(({ name }) => name !== id && name !== data);
  const texts = new WeakMap<object, string>();

  return (message) => {
    const position = String(valueAt(message, idPath!) ?? '');
    const told = valueAt(message, dataPath!) as Message | undefined;
    if (told) {
      // However many watch a change, it is written once.
      const known = texts.get(told);
      if (known) return known;
      const text = eventText(position, String(valueAt(message, typePath!)), json(dataPath!.at(-1)!.message!, told));
      texts.set(told, text);
      return text;
    }
    const other = others.find(({ localName }) => (message as Record<string, unknown>)[localName] !== undefined);
    if (!other) return eventText(position, '', undefined);
    const value = (message as Record<string, unknown>)[other.localName] as Message;
    return eventText('', other.name, { [other.name]: json(other.message!, value) });
  };
}

function pathIn(message: DescMessage, text: string): FieldPath {
  const path = resolveFieldPath(message, text);
  if (!path) throw new Error(`(rest).events: ${message.typeName} has no field ${text}`);
  return path;
}

function json(desc: DescMessage, message: Answer): unknown {
  return toJson(desc, create(desc, message), AS_ANSWERED);
}

/** JSON has no line break, so that the data is one line. */
function eventText(id: string, type: string, data: unknown): string {
  const lines = [
    id && `id: ${id}`,
    type && `event: ${type}`,
    data === undefined ? '' : `data: ${JSON.stringify(data)}`,
  ];
  return `${lines.filter(Boolean).join('\n')}\n\n`;
}
