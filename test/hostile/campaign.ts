import { attackOf, type Choice, type NumberedAttack } from './attacks.js';
import { carryOut } from './carry-out.js';
import { faultsOf } from './judge.js';
import type { AttackedService } from './service.js';
import type { World } from './world.js';

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
export interface Campaign extends Choice {
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
export async function wage(campaign: Campaign, world: World, target: AttackedService): Promise<Sent> {
  const { first, requests, callers } = campaign;
  const began = performance.now();
  const faults: Fault[] = [];
  const slow = new Set<Promise<void>>();
  let [next, sent, bytes] = [first, 0, 0];

  async function carryOutOne(attack: NumberedAttack): Promise<void> {
    const outcome = await carryOut(attack, target);
    faults.push(...faultsOf(attack, outcome).map((fault) => ({ attack, fault })));
  }

  async function caller(): Promise<void> {
    while (sent < requests && target.isAlive()) {
      const attack = attackOf(campaign, next, world);
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
