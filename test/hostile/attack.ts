import type { Random } from '../model/random.js';
import type { World } from './world.js';

/** The ways into the service that callers choose from. */
export const DOORS = ['rest', 'connect', 'grpc-web', 'grpc'] as const;
export type Door = (typeof DOORS)[number];

/** What a caller can get wrong, from the outside in; and at last, nothing but the amount. */
export const LAYERS = ['bytes', 'frames', 'headers', 'json', 'protobuf', 'semantics', 'streams', 'crowds'] as const;
export type Layer = (typeof LAYERS)[number];

/** What a hostile caller does on one connection: it writes bytes, and reads what comes back. */
export interface Attack {
  /** What is wrong with the bytes. */
  readonly what: string;
  readonly door: Door;
  /** Written one after the other; each in a packet of its own, if TCP allows. */
  readonly writes: readonly Buffer[];
  /** How many requests, or attempts at one, the bytes are. */
  readonly requests: number;
  /** How many answers have to come. 0 where the bytes are so broken that silence is fine. */
  readonly answers: number;
  /** How many connections do this at once. */
  readonly connections?: number;
  /** Milliseconds to wait for answers that need not come. */
  readonly patience?: number;
  /** Milliseconds between two writes. */
  readonly pause?: number;
  /** Whether the caller set itself a deadline: then DEADLINE_EXCEEDED is a right answer. */
  readonly hasDeadline?: boolean;
  /** Whether the caller never reads. */
  readonly isDeaf?: boolean;
}

/** An attack of a run, with what to call it again by. */
export interface NumberedAttack extends Attack {
  readonly nr: number;
  /** Groups attacks in reports. */
  readonly layer: string;
}

/** Makes attacks of one layer. The same random choices make the same attack on the same world. */
export interface AttackLayer {
  readonly doors: readonly Door[];
  readonly attack: (random: Random, world: World, door: Door) => Attack;
}

/** One of the values. */
export function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values[random.below(values.length)] as Value;
}

/** From `min` to `max`, both inclusive. */
export function between(random: Random, min: number, max: number): number {
  return min + random.below(max - min + 1);
}

/** So many bytes of any value. */
export function anyBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}
