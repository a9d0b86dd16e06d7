import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { anyBytes, pick } from '../hostile/attack.js';
import { bytesOf, envelope } from '../hostile/http1.js';
import { flipped } from '../hostile/layers/json.js';
import { another, camel, type Given, type Mutate } from './mutate.js';
import {
  toAnotherMethod,
  withAnotherType,
  withAnotherVerb,
  withBodyOfAnother,
  withCondition,
  withOddPath,
  withQueryOfAnother,
} from './mutations-of-http.js';
import { asBefore, asConnectGet, asConnectProto, asGrpc, type Sendable } from './sendable.js';

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

/** Members of JSON in front of a request's own, or behind them. */
function joined(first: JsonObject, second: JsonObject): string {
  const parts = [first, second].map((one) => JSON.stringify(one).slice(1, -1)).filter((text) => text !== '');
  return `{${parts.join()}}`;
}

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
  ['another method', toAnotherMethod],
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
