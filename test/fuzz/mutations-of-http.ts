import { type DescMethodUnary, getOption } from '@bufbuild/protobuf';
import { http as rule } from '../../src/gen/google/api/annotations_pb.js';
import { pick } from '../hostile/attack.js';
import { httpRequest, pathOf } from '../hostile/http1.js';
import { METHODS } from '../hostile/layers/semantics.js';
import { another, camel, type Given, type Mutate } from './mutate.js';
import type { Sendable } from './sendable.js';

/** The same content to another method. */
export function toAnotherMethod(sendable: Sendable, { random }: Given): Sendable {
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

/** Says of the same bytes that they are something else. */
export function withAnotherType(sendable: Sendable, { random }: Given): ReturnType<Mutate> {
  const { http } = sendable;
  if (!http) return undefined;
  const headers = http.headers.filter(([name]) => name !== 'content-type');
  return { ...sendable, http: { ...http, headers: [...headers, ['content-type', pick(random, TYPES)]] } };
}

/** Asks for an etag, or for none. */
export function withCondition(sendable: Sendable, { random }: Given): ReturnType<Mutate> {
  const { http } = sendable;
  if (!http) return undefined;
  const condition = [pick(random, ['if-match', 'if-none-match']), pick(random, ['*', '"0"', '"1"'])] as const;
  return { ...sendable, http: { ...http, headers: [...http.headers, condition] } };
}

/** The method at the path of another one, if the verb leads to one. */
function methodAt(verb: string, method: DescMethodUnary): DescMethodUnary {
  const path = getOption(method, rule).pattern.value;
  const found = METHODS.find((other) => {
    const { pattern } = getOption(other, rule);
    return pattern.value === path && pattern.case?.toUpperCase() === verb;
  });
  return found ?? method;
}

/** The same path with another verb. */
export function withAnotherVerb(sendable: Sendable, { random }: Given): ReturnType<Mutate> {
  if (!sendable.http) return undefined;
  // Answers to HEAD look as if they had no end.
  const verb = pick(random, ['GET', 'POST', 'PUT', 'DELETE', 'PATCH']);
  const method = sendable.door === 'rest' ? methodAt(verb, sendable.method) : sendable.method;
  return { ...sendable, method, http: { ...sendable.http, verb } };
}

/** Fields of another request in the query, before or behind the request's own. */
export function withQueryOfAnother(sendable: Sendable, given: Given): ReturnType<Mutate> {
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
export function withBodyOfAnother(sendable: Sendable, given: Given): ReturnType<Mutate> {
  const { http, door } = sendable;
  if (!http || door !== 'rest') return undefined;
  const body = Buffer.from(JSON.stringify({ ...sendable.request, ...another(sendable, given) }));
  const headers = http.headers.filter(([name]) => name !== 'content-type');
  return { ...sendable, http: { ...http, body, headers: [...headers, ['content-type', 'application/json']] } };
}

/** A path that may lead to the same place, or to nothing. */
export function withOddPath(sendable: Sendable, { random }: Given): ReturnType<Mutate> {
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
