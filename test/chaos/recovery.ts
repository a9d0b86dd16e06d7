import { pause } from '../../src/waiting.js';
import type { World } from './world.js';

/** Milliseconds after which a world that does not get well counts as broken. */
const LIMIT = 60_000;

/** How long a world took to get well, in milliseconds, and why it did not, if it did not. */
export interface Recovery {
  readonly ms: number;
  readonly failure?: string;
}

/**
 * Waits until both services are ready, and a booking succeeds at each.
 * @param book books a time that nobody else wants, at a service; answers whether it did
 */
export async function recover({ services }: World, book: (service: number) => Promise<boolean>): Promise<Recovery> {
  const since = performance.now();
  for (;;) {
    const ready = await Promise.all(services.map((service) => service.isReady()));
    const booked = ready.every(Boolean) ? await Promise.all(services.map((_, nr) => book(nr))) : [false];
    const ms = Math.round(performance.now() - since);
    if (booked.every(Boolean)) return { ms };
    if (ms > LIMIT) return { ms, failure: `not well again after ${ms} ms; ready: ${ready}; booked: ${booked}` };
    await pause(25);
  }
}
