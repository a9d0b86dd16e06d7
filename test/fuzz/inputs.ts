import type { DescMethodUnary, JsonObject } from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel as Level } from '@bufbuild/protobuf/wkt';
import { DOORS, type Door, type NumberedAttack, pick } from '../hostile/attack.js';
import { asLast, httpRequest, written } from '../hostile/http1.js';
import { call, opening } from '../hostile/http2.js';
import { bytes } from '../hostile/layers/bytes.js';
import { frames } from '../hostile/layers/frames.js';
import { METHODS } from '../hostile/layers/semantics.js';
import { anyRequest } from '../hostile/values.js';
import type { World } from '../hostile/world.js';
import { createRandom, type Random } from '../model/random.js';
import type { Caller } from './callers.js';
import { type Shown, show } from './credentials.js';
import { anyMutation } from './mutations.js';
import { mayAsk, mayCall } from './oracle.js';
import { type Owners, ownWorld } from './owners.js';
import { asConnectGet, asConnectProto, asGrpc, type Sendable } from './sendable.js';

/** What an input may bring about, by the oracle. */
export type Right =
  /** Nobody is known to send it: only UNAUTHENTICATED may come back, or a refusal of what is no request at all. */
  | 'unknown caller'
  /** The caller may not do this. */
  | 'none'
  /** The caller may not do this in the name of somebody else, or against a policy: what it is about is the caller's own. */
  | 'not so'
  /** The caller may do this; whether it succeeds is another matter. */
  | 'may'
  /** What it asks for cannot be told from what was sent: what it brought about is looked at in the end. */
  | 'unclear';

/** One request, or bytes that are none. */
export interface Input extends NumberedAttack {
  /** Undefined for bytes that are no request. */
  readonly caller: Caller | undefined;
  readonly method: DescMethodUnary | undefined;
  readonly right: Right;
  /** Whether nothing is wrong with the request, but who sends it. */
  readonly isWellFormed: boolean;
}

/** What inputs are made of. */
export interface Material {
  readonly seed: number;
  readonly world: World;
  readonly callers: readonly Caller[];
  readonly owners: Owners;
}

/** The correlation id of an input, by which its events are found in the log. */
export const correlationIdOf = (nr: number): string => `fuzz-${nr}`;

/** The number of the input that has a correlation id; undefined for other ids. */
export function inputNrIn(correlationId: string): number | undefined {
  const [, nr] = /^fuzz-(\d+)$/.exec(correlationId) ?? [];
  return nr === undefined ? undefined : Number(nr);
}

/** How much of a run is bytes that are no request, which the hostile run makes many more of. */
const RAW = 0.1;

/** The input of this number: of the same material always the same, but for the time in a few fields. */
export function inputOf({ seed, world, callers, owners }: Material, nr: number): Input {
  const random = createRandom(Math.imul(seed, 0x9e3779b1) + nr);
  const door = pick(random, DOORS);
  if (random.chance(RAW)) return rawInput(random, world, door, nr);

  const isAccepted = random.chance(0.75);
  const caller = pick(
    random,
    callers.filter((one) => one.isAccepted === isAccepted),
  );
  const shown = show(caller, random, door === 'rest' || door === 'connect');
  const method = pick(random, METHODS);
  const strain = pick(random, [0, 0, 0.1, 0.3]);
  const drawn = anyRequest(method.input, random, worldFor(random, world, caller, owners), strain);
  const request = asMeant(drawn, method, owners, random);
  const sendable = sendableOf(door, method, request, random);
  const mutation = random.chance(0.4) ? anyMutation(sendable, { random, world }) : undefined;
  const sent = mutation?.sendable ?? sendable;
  // A path with an odd value may lead nowhere, and one with a long value nowhere at all.
  const isOddPath = strain > 0 && (door === 'rest' || sendable.http?.verb === 'GET');
  const isWellFormed = mutation === undefined && !isOddPath;
  return {
    nr,
    door,
    layer: caller.name,
    what: [sent.method.name, shown.what, mutation?.what].filter(Boolean).join(', '),
    writes: [bytesOf(sent, shown, nr, random)],
    requests: 1,
    answers: 1,
    caller,
    method: sent.method,
    isWellFormed,
    right: rightOf(caller, shown, sent, mutation?.isClear ?? true, owners),
  };
}

function rightOf(caller: Caller, shown: Shown, sent: Sendable, isClear: boolean, owners: Owners): Right {
  if (!caller.isAccepted || !shown.isRight) return 'unknown caller';
  if (!mayCall(caller, sent.method)) return 'none';
  if (!isClear) return caller.roles.has('service') || caller.roles.has('admin') ? 'may' : 'unclear';
  if (mayAsk(caller, sent.method, sent.request, owners)) return 'may';
  const { cancelled_by: _party, ignore_policy: _ignores, ...others } = sent.request;
  return mayAsk(caller, sent.method, others, owners) ? 'not so' : 'none';
}

/** A world from which requests of a caller take their ids: the caller's own, those of all, or some of both. */
function worldFor(random: Random, world: World, caller: Caller, owners: Owners): World {
  const own = ownWorld(world, caller, owners);
  const { coaches, clients } = pick(random, [own, own, world]);
  const things = pick(random, [own, own, world]);
  return { ...things, coaches, clients };
}

/** A request as a caller would mean it more often than by chance. */
function asMeant(request: JsonObject, { input }: DescMethodUnary, owners: Owners, random: Random): JsonObject {
  const takes = (name: string) => input.fields.some((field) => field.name === name);
  const coachOfSession = owners.get(String(request['session_id']))?.coach;
  return {
    ...request,
    ...(takes('validate_only') && { validate_only: random.chance(0.3) }),
    // Several callers use these ids, so that some are used for something else, or by somebody else.
    ...(takes('request_id') && random.chance(0.3) && { request_id: `known-${random.below(40)}` }),
    // A session is looked for at its coach.
    ...(coachOfSession && takes('coach_hash_id') && random.chance(0.7) && { coach_hash_id: coachOfSession }),
  };
}

function sendableOf(door: Door, method: DescMethodUnary, request: JsonObject, random: Random): Sendable {
  if (door === 'grpc') return asGrpc(method, request);
  if (door === 'connect' && random.chance(0.4)) return asConnectProto(method, request);
  if (door === 'connect' && method.idempotency === Level.NO_SIDE_EFFECTS && random.chance(0.5))
    return asConnectGet(method, request);
  return { door, method, request, http: httpRequest(door, method, request) };
}

const ACTORS = ['', 'the actor', 'somebody', 'service', 'x'.repeat(300), '\xfc'];

function bytesOf(sent: Sendable, shown: Shown, nr: number, random: Random): Buffer {
  const more: [string, string][] = [['x-correlation-id', correlationIdOf(nr)]];
  if (random.chance(0.2)) more.push(['x-actor', pick(random, ACTORS)]);
  if (random.chance(0.05)) more.push(['x-forwarded-for', pick(random, ['127.0.0.1', '10.0.0.1, 127.0.0.1'])]);
  if (random.chance(0.05)) more.push(['idempotency-key', `known-${random.below(40)}`]);
  const headers = [...shown.headers, ...more];
  if (!sent.http) return Buffer.concat([opening(), call(1, sent.path, sent.data, headers)]);
  const { http } = sent;
  const target = shown.query ? `${http.target}${http.target.includes('?') ? '&' : '?'}${shown.query}` : http.target;
  return written(asLast({ ...http, target, headers: [...http.headers, ...headers] }));
}

/** Bytes that show no token, in whatever they are. */
function rawInput(random: Random, world: World, door: Door, nr: number): Input {
  const layer = door === 'grpc' && random.chance(0.5) ? frames : bytes;
  const attack = layer.attack(random, world, door);
  const isSlow = (attack.patience ?? 0) >= 500;
  return {
    ...attack,
    ...(isSlow && { patience: 100, pause: 0, writes: attack.writes.slice(0, 5), answers: 0 }),
    requests: 1,
    nr,
    layer: 'bytes',
    caller: undefined,
    method: undefined,
    right: 'unknown caller',
    isWellFormed: false,
  };
}
