import type { NumberedAttack } from './attack.js';
import { carryOut, type Outcome, type Target } from './carry-out.js';

/** A fault of the service, and the attack that showed it. */
export interface Fault {
  readonly attack: NumberedAttack;
  readonly fault: string;
}

/** What a part of a run sent. */
export interface Sent {
  readonly attacks: number;
  readonly requests: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly faults: readonly Fault[];
  /** The number of the first attack that was not made. */
  readonly next: number;
}

/** Attacks from a number on. */
export interface Campaign<Made extends NumberedAttack> {
  readonly attackOf: (nr: number) => Made;
  /** What an outcome shows to be wrong: a sentence for each fault. */
  readonly faultsOf: (attack: Made, outcome: Outcome) => readonly string[] | Promise<readonly string[]>;
  readonly first: number;
  /** How many requests to send, at least. */
  readonly requests: number;
  /** Attacks at once that wait for their answers. */
  readonly callers: number;
}

/** Attacks at once that take their time, on top of the others. */
const MAX_SLOW = 100;

/** Milliseconds: what an attack may be patient for before it counts as slow. */
const SLOW = 500;

/** Carries out attacks until so many requests are sent, or the service is dead, and tells what came of them. */
export async function wage<Made extends NumberedAttack>(
  { attackOf, faultsOf, first, requests, callers }: Campaign<Made>,
  target: Target & { isAlive(): boolean },
): Promise<Sent> {
  const began = performance.now();
  const faults: Fault[] = [];
  const slow = new Set<Promise<void>>();
  let [next, sent, bytes] = [first, 0, 0];

  async function carryOutOne(attack: Made): Promise<void> {
    const outcome = await carryOut(attack, target);
    const shown = await faultsOf(attack, outcome);
    faults.push(...shown.map((fault) => ({ attack, fault })));
  }

  async function caller(): Promise<void> {
    while (sent < requests && target.isAlive()) {
      const attack = attackOf(next);
      next += 1;
      sent += attack.requests;
      bytes += attack.writes.reduce((sum, { length }) => sum + length, 0);
      const done = carryOutOne(attack);
      if ((attack.patience ?? 0) < SLOW) {
        await done;
        continue;
      }
      const isOver = done.finally(() => slow.delete(isOver));
      slow.add(isOver);
      if (slow.size > MAX_SLOW) await Promise.race(slow);
    }
  }

  await Promise.all(Array.from({ length: callers }, caller));
  await Promise.all(slow);
  const seconds = (performance.now() - began) / 1_000;
  return { attacks: next - first, requests: sent, bytes, seconds, faults, next };
}
