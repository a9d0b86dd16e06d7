import type { DescMethodUnary, JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom, type Random } from '../model/random.js';
import { startTestService, type TestService } from '../support/service.js';
import { buildService } from '../support/service-process.js';
import { type Attack, DOORS, type Door, pick } from './attack.js';
import { carryOut, type Target } from './carry-out.js';
import { asLast, bytesOf, envelope, httpRequest, written } from './http1.js';
import { json } from './layers/json.js';
import { protobuf } from './layers/protobuf.js';
import { grpcCalls, METHODS } from './layers/semantics.js';
import { populate } from './populate.js';
import { type Stretches, watchStretches } from './stretches.js';
import { anyRequest } from './values.js';
import type { World } from './world.js';

/*
 * Nothing that a caller sends holds the event loop for more than 50 ms: for each method, a search by seed for the input
 * that takes the longest at a stretch, in a service with a long past. WORST_INPUT_SEED and WORST_INPUT_TRIES search on.
 */

const SEED = Number(process.env['WORST_INPUT_SEED'] ?? 1);
const TRIES = Number(process.env['WORST_INPUT_TRIES'] ?? 100);

/** Tries before the measurement: code that has not run yet is slow. */
const WARM_UP = 30;

/** In milliseconds of processor time. */
const LIMIT = 50;

/**
 * How often the worst input is tried again at most, until it is short enough: garbage may be collected in one, and what
 * else runs on a busy machine takes the caches away.
 */
const REPEATS = 30;
/** How often any other input that is too long is tried again. */
const SECOND_TRIES = 2;

/** So many stretches of a search may be longer: garbage is collected now and then. */
const COLLECTIONS = 2;

const LONG_PAST = 10_000;

let service: TestService;
let target: Target;
let world: World;
let stretches: Stretches;

beforeAll(async () => {
  await buildService();
  service = await startTestService();
  const { httpUrl, grpcAddress } = service;
  target = { httpPort: Number(new URL(httpUrl).port), grpcPort: Number(grpcAddress.split(':')[1]) };
  world = await populate(service, LONG_PAST);
  stretches = watchStretches();
}, 180_000);

afterAll(async () => {
  stretches?.stop();
  await service?.stop();
});

/** An input, and how to make another one that resembles it. */
interface Candidate {
  readonly attack: Attack;
  readonly request?: JsonObject;
}

interface Search {
  readonly worst: Candidate;
  /** What the worst one took each time that it was tried again. */
  readonly repeated: readonly number[];
  /** What each try took, the longest first. */
  readonly all: readonly number[];
}

/** Climbs to an input that takes long: every second try is a variant of the worst so far. */
async function search(candidate: (random: Random, like?: Candidate) => Candidate): Promise<Search> {
  const random = createRandom(SEED);
  const all: number[] = [];
  let worst: { candidate: Candidate; ms: number } | undefined;
  for (let left = WARM_UP; left > 0; left -= 1) await took(candidate(random));
  for (let left = TRIES; left > 0; left -= 1) {
    const next = candidate(random, random.chance(0.5) ? worst?.candidate : undefined);
    let ms = await took(next);
    for (let again = 0; ms > LIMIT && again < SECOND_TRIES; again += 1) ms = Math.min(ms, await took(next));
    all.push(ms);
    if (!worst || ms > worst.ms) worst = { candidate: next, ms };
  }
  const repeated: number[] = [];
  do repeated.push(await took(worst!.candidate));
  while (repeated.length < REPEATS && !repeated.some((ms) => ms <= LIMIT));
  return { worst: worst!.candidate, repeated, all: all.toSorted((one, other) => other - one) };
}

async function took({ attack }: Candidate): Promise<number> {
  stretches.lap();
  await carryOut(attack, target);
  return stretches.lap();
}

function expectShort({ worst, repeated, all }: Search): void {
  const input = JSON.stringify(worst.request ?? worst.attack.what).slice(0, 2_000);
  expect(Math.min(...repeated), `seed ${SEED}: ${input}`).toBeLessThanOrEqual(LIMIT);
  expect(all[COLLECTIONS], `seed ${SEED}: one of the worst is ${input}`).toBeLessThanOrEqual(LIMIT);
}

describe('the worst input of', () => {
  test.each(METHODS)('$name', async (method) => expectShort(await search((...given) => requestOf(method, ...given))));

  test('any method, malformed', async () => {
    expectShort(await search(malformed));
  });
});

/** A request whose JSON or protobuf is malformed. */
function malformed(random: Random): Candidate {
  const attack = pick(random, [json, protobuf]).attack(random, world, 'connect');
  return attack.requests === 1 ? { attack } : malformed(random);
}

/** A request with usual and extreme values; like another one except for some of its fields, when there is another. */
function requestOf(method: DescMethodUnary, random: Random, like?: Candidate): Candidate {
  const fresh = anyRequest(method.input, random, world, pick(random, [0, 0.2, 0.5]));
  const request = like?.request ? crossed(like.request, fresh, random) : fresh;
  return { attack: sent(method, request, pick(random, DOORS)), request };
}

/** The first request with some members of the second. */
function crossed(one: JsonObject, other: JsonObject, random: Random): JsonObject {
  const names = Object.keys({ ...one, ...other });
  const entries = names.map((name) => {
    const [mine, theirs] = [one[name], other[name]];
    const both = isObject(mine) && isObject(theirs);
    return [name, both ? crossed(mine, theirs, random) : random.chance(0.7) ? mine : theirs];
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sent(method: DescMethodUnary, request: JsonObject, door: Door): Attack {
  const bytes =
    door === 'grpc'
      ? grpcCalls(method, [envelope(bytesOf(method, request))])
      : written(asLast(httpRequest(door, method, request)));
  return { what: method.name, door, writes: [bytes], requests: 1, answers: 1 };
}
