import type { DescMethodUnary, JsonObject, JsonValue } from '@bufbuild/protobuf';
import { anyBytes, type Door, pick } from '../hostile/attack.js';
import { bytesOf, connectRequest, envelope, type HttpRequest, httpRequest, pathOf } from '../hostile/http1.js';
import { flipped } from '../hostile/layers/json.js';
import { METHODS } from '../hostile/layers/semantics.js';
import { anyRequest } from '../hostile/values.js';
import type { World } from '../hostile/world.js';
import type { Random } from '../model/random.js';
import type { Caller } from './callers.js';

/** A request on its way to be sent. */
export type Sendable = { readonly door: Door; readonly method: DescMethodUnary; readonly request: JsonObject } & (
  | { readonly http: HttpRequest }
  /** A call of gRPC: its path, and its message with its prefix. */
  | { readonly http: undefined; readonly path: string; readonly data: Buffer }
);

/** What mutations take their values from. */
export interface Given {
  readonly random: Random;
  readonly world: World;
  readonly caller: Caller;
}

/** A call of gRPC. */
export function asGrpc(method: DescMethodUnary, request: JsonObject, message = bytesOf(method, request)): Sendable {
  return { door: 'grpc', method, request, http: undefined, path: pathOf(method), data: envelope(message) };
}

/** A request of Connect in protobuf. */
export function asConnectProto(
  method: DescMethodUnary,
  request: JsonObject,
  message = bytesOf(method, request),
): Sendable {
  return { door: 'connect', method, request, http: connectRequest(method, 'application/proto', message) };
}

/** A request of Connect by GET, which methods without side effects take. */
export function asConnectGet(method: DescMethodUnary, request: JsonObject): Sendable {
  const query = new URLSearchParams({ connect: 'v1', encoding: 'json', message: JSON.stringify(request) });
  const target = `${pathOf(method)}?${query}`;
  return { door: 'connect', method, request, http: { verb: 'GET', target, headers: [], body: Buffer.alloc(0) } };
}

/** The request in the form of its door, with another content. */
function asBefore(before: Sendable, method: DescMethodUnary, request: JsonObject): Sendable {
  if (!before.http) return asGrpc(method, request);
  const type = before.http.headers.find(([name]) => name === 'content-type')?.[1];
  if (type === 'application/proto') return asConnectProto(method, request);
  if (before.door === 'connect' && before.http.verb === 'GET') return asConnectGet(method, request);
  return { door: before.door, method, request, http: httpRequest(before.door as 'rest', method, request) };
}

/** Changes a request; undefined where it does not apply. */
type Mutate = (sendable: Sendable, given: Given) => Sendable | undefined;

/** Changes the body alone. */
const ofBody =
  (change: (body: Buffer, given: Given, sendable: Sendable) => Buffer | undefined): Mutate =>
  (sendable, given) => {
    const body = sendable.http ? sendable.http.body : sendable.data;
    const changed = body.length === 0 ? undefined : change(body, given, sendable);
    if (!changed) return undefined;
    return sendable.http
      ? { ...sendable, http: { ...sendable.http, body: changed } }
      : { ...sendable, data: changed, path: sendable.path };
  };

const isJson = (body: Buffer) => body[0] === 0x7b;

/** Changes JSON that is sent as a body. */
const ofJson = (change: (text: string, given: Given, sendable: Sendable) => string | undefined): Mutate =>
  ofBody((body, given, sendable) => {
    const changed = isJson(body) ? change(body.toString(), given, sendable) : undefined;
    return changed === undefined ? undefined : Buffer.from(changed);
  });

/** Changes the content, which is then sent as the door has it. */
const ofContent =
  (change: (request: JsonObject, given: Given) => JsonObject | undefined): Mutate =>
  (sendable, given) => {
    const changed = change(sendable.request, given);
    return changed && asBefore(sendable, sendable.method, changed);
  };

const ID_FIELDS = /_hash_id$|^id$|_id$/;

/** The request with its ids changed, wherever they are. */
function withIds(value: JsonValue, change: (id: string) => string): JsonValue {
  if (Array.isArray(value)) return value.map((one) => withIds(one, change));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const isId = ID_FIELDS.test(name) && typeof inner === 'string' && name !== 'external_id';
      return [name, isId ? change(inner) : withIds(inner, change)];
    }),
  );
}

/** What looks like an id, and is another one. */
const ALIKE: readonly ((id: string) => string)[] = [
  (id) => id.toUpperCase(),
  (id) => ` ${id}`,
  (id) => `${id} `,
  (id) => `${id}\u0000`,
  (id) => `${id}\u200b`,
  (id) => id.replace('-', '\u2010'),
  (id) => id.replace('c', '\u0441'),
  (id) => `${id}/../${id}`,
  (id) => `%63${id.slice(1)}`,
  (id) => `${id}%00`,
  (id) => `${id}\n`,
  (id) => `{${id}}`,
  (id) => `${id},${id}`,
  (id) => `${id.normalize('NFD')}\u0301`,
];

/** Another's request for the same method, as the same kind of caller would make it. */
const another = ({ method }: Sendable, { random, world }: Given) => anyRequest(method.input, random, world, 0);

/** Members of JSON in front of a request's own, or behind them. */
function joined(first: JsonObject, second: JsonObject): string {
  const parts = [first, second].map((one) => JSON.stringify(one).slice(1, -1)).filter((text) => text !== '');
  return `{${parts.join()}}`;
}

const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const inCamelCase = (request: JsonObject) =>
  Object.fromEntries(Object.entries(request).map(([name, value]) => [camel(name), value]));

const ODD_VALUES = ['null', '[]', '{}', 'true', '0', '-1', '1e999', '""', '["coach-1"]', '{"a":1}', '"\\u0000"'];

/** Those after which the request still says what is asked for. */
const CLEAR: readonly [what: string, mutate: Mutate][] = [
  ['ids that look alike', ofContent((request, { random }) => withIds(request, pick(random, ALIKE)) as JsonObject)],
  ['a condition', withCondition],
];

/** Those after which it may say anything. */
const UNCLEAR: readonly [what: string, mutate: Mutate][] = [
  [
    'members of another request behind',
    ofJson((_, given, sendable) => joined(sendable.request, another(sendable, given))),
  ],
  [
    'members of another request before',
    ofJson((_, given, sendable) => joined(another(sendable, given), sendable.request)),
  ],
  [
    'names in both spellings',
    ofJson((_, given, sendable) => joined(sendable.request, inCamelCase(another(sendable, given)))),
  ],
  [
    'names in both spellings, the other way round',
    ofJson((_, given, sendable) => joined(inCamelCase(another(sendable, given)), sendable.request)),
  ],
  [
    'an odd value',
    ofJson((text, { random }) =>
      text.replace(/"[^"]*"(?=[,}])/g, (one) => (random.chance(0.3) ? pick(random, ODD_VALUES) : one)),
    ),
  ],
  ['bytes flipped', ofBody((body, { random }) => flipped(body, random))],
  ['cut off', ofBody((body, { random }) => body.subarray(0, random.below(body.length)))],
  ['bytes behind', ofBody((body, { random }) => Buffer.concat([body, anyBytes(random, 1 + random.below(20))]))],
  ['another message behind, merged into the first', mergedWithAnother],
  ['another method', (sendable, { random }) => toAnotherMethod(sendable, random)],
  ['another type of content', withAnotherType],
  ['another verb', withAnotherVerb],
  ['by GET', ({ door, method, request }) => (door === 'connect' ? asConnectGet(method, request) : undefined)],
  ['ids of another in the query', withQueryOfAnother],
  ['ids of another in the body', withBodyOfAnother],
  ['an odd path', withOddPath],
];

/** Protobuf merges messages that follow each other: the last value of a field counts, and parts come together. */
function mergedWithAnother(sendable: Sendable, given: Given): Sendable | undefined {
  const { method, request } = sendable;
  const messages = [bytesOf(method, request), bytesOf(method, another(sendable, given))];
  if (given.random.chance(0.5)) messages.reverse();
  const merged = Buffer.concat(messages);
  if (!sendable.http) return asGrpc(method, request, merged);
  if (sendable.door === 'connect') return asConnectProto(method, request, merged);
  if (sendable.door !== 'grpc-web') return undefined;
  return { ...sendable, http: { ...sendable.http, body: envelope(merged) } };
}

function toAnotherMethod(sendable: Sendable, random: Random): Sendable {
  const method = pick(random, METHODS);
  if (!sendable.http) return { ...sendable, method, path: pathOf(method) };
  if (sendable.door !== 'rest') return { ...sendable, method, http: { ...sendable.http, target: pathOf(method) } };
  const { verb, target } = httpRequest('rest', method, sendable.request);
  return { ...sendable, method, http: { ...sendable.http, verb, target } };
}

const TYPES = [
  'application/json',
  'application/proto',
  'application/grpc-web+proto',
  'application/grpc-web-text',
  'application/connect+json',
  'application/connect+proto',
  'application/grpc',
  'text/plain',
  'application/x-www-form-urlencoded',
];

function withAnotherType(sendable: Sendable, { random }: Given): Sendable | undefined {
  const { http } = sendable;
  if (!http) return undefined;
  const headers = http.headers.filter(([name]) => name !== 'content-type');
  return { ...sendable, http: { ...http, headers: [...headers, ['content-type', pick(random, TYPES)]] } };
}

function withCondition(sendable: Sendable, { random }: Given): Sendable | undefined {
  const { http } = sendable;
  if (!http) return undefined;
  const condition = [pick(random, ['if-match', 'if-none-match']), pick(random, ['*', '"0"', '"1"'])] as const;
  return { ...sendable, http: { ...http, headers: [...http.headers, condition] } };
}

function withAnotherVerb(sendable: Sendable, { random }: Given): Sendable | undefined {
  if (!sendable.http) return undefined;
  // Answers to HEAD look as if they had no end.
  return { ...sendable, http: { ...sendable.http, verb: pick(random, ['GET', 'POST', 'PUT', 'DELETE', 'PATCH']) } };
}

function withQueryOfAnother(sendable: Sendable, given: Given): Sendable | undefined {
  const { http, door, method } = sendable;
  if (!http || door !== 'rest') return undefined;
  const texts = Object.entries(another(sendable, given)).filter(([, value]) => typeof value === 'string');
  const spelling = given.random.chance(0.5) ? camel : (name: string) => name;
  const spelt = texts.map(([name, value]): [string, string] => [spelling(name), String(value)]);
  const query = new URLSearchParams(spelt).toString();
  const [path, own = ''] = http.target.split('?');
  const parts = given.random.chance(0.5) ? [own, query] : [query, own];
  return { ...sendable, method, http: { ...http, target: `${path}?${parts.filter(Boolean).join('&')}` } };
}

/** Fields that the path names, in the body too, and a body where there is none. */
function withBodyOfAnother(sendable: Sendable, given: Given): Sendable | undefined {
  const { http, door } = sendable;
  if (!http || door !== 'rest') return undefined;
  const body = Buffer.from(JSON.stringify({ ...sendable.request, ...another(sendable, given) }));
  const headers = http.headers.filter(([name]) => name !== 'content-type');
  return { ...sendable, http: { ...http, body, headers: [...headers, ['content-type', 'application/json']] } };
}

function withOddPath(sendable: Sendable, { random }: Given): Sendable | undefined {
  const { http } = sendable;
  if (!http) return undefined;
  const [path = '', query] = http.target.split('?');
  const odd = pick<(path: string) => string>(random, [
    (one) => `/.${one}`,
    (one) => `/healthz/..${one}`,
    (one) => `/docs/..${one}`,
    (one) => `/${one}`,
    (one) => `${one}/`,
    (one) => `${one}%20`,
    (one) => one.replace('s', '%73'),
    (one) => one.replace(/[a-z](?=[^/]*$)/, (letter) => letter.toUpperCase()),
    (one) => one.replaceAll('/', '%2f'),
    (one) => `${one};jsessionid=1`,
    (one) => `http://127.0.0.1${one}`,
  ])(path);
  return { ...sendable, http: { ...http, target: query === undefined ? odd : `${odd}?${query}` } };
}

/** A request that was changed. */
export interface Mutated {
  readonly what: string;
  readonly sendable: Sendable;
  /** Whether the request of `sendable` still is what the bytes say. */
  readonly isClear: boolean;
}

/** Changes a request in one of many ways; undefined when the one that was drawn does not fit. */
export function anyMutation(sendable: Sendable, given: Given): Mutated | undefined {
  const isClear = given.random.chance(0.3);
  const [what, mutate] = pick(given.random, isClear ? CLEAR : UNCLEAR);
  const mutated = mutate(sendable, given);
  return mutated && { what, sendable: mutated, isClear };
}
