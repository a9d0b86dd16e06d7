import { randomInt } from 'node:crypto';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EventStore, START } from '../../src/event-store/event-store.js';
import { openKurrentdbEventStore } from '../../src/event-store/kurrentdb/kurrentdb-event-store.js';
import { follow } from '../support/event-store-follow.js';
import { aPrefix } from '../support/event-store-samples.js';
import { heapInUse } from '../support/heap.js';
import { commitTimeout, noLeader, notLeader, notReady } from '../support/kurrentdb-stand-in/errors.js';
import type { DeliveryFault, Fault } from '../support/kurrentdb-stand-in/faults.js';
import { type KurrentdbStandIn, startKurrentdbStandIn } from '../support/kurrentdb-stand-in/stand-in.js';
import { appendManyTimes, expectWhatWasTold, withFaults } from './workload.js';

const APPENDS_PER_RESTART = 200;

let standIn: KurrentdbStandIn;
let store: EventStore;

beforeEach(async () => {
  standIn = await startKurrentdbStandIn();
  const log = pino({ level: 'silent' });
  store = await openKurrentdbEventStore(standIn.url, { log, timeLimit: 1_000, silence: 300 });
});

afterEach(async () => {
  await store.close();
  await standIn.stop();
});

/** Appends under every kind of fault, while the node dies and comes back again and again. */
async function appendUnderFaults(times: number, prefix: string) {
  standIn.faults = {
    call: () =>
      sometimes<Fault>(
        'cutBefore',
        'cutAfter',
        'silentBefore',
        'silentAfter',
        'end',
        notReady(),
        notLeader(standIn),
        noLeader(),
        commitTimeout(),
      ),
    delivery: () => sometimes<DeliveryFault>('cut', 'silent', 'end', 'repeat', 'delay', notReady()),
  };
  let restarted = Promise.resolve();
  const attacked = withFaults(store, APPENDS_PER_RESTART, (nr) => {
    restarted = restarted.then(() => standIn.restart(nr % 2 ? 'kept' : 'lost', randomInt(30)));
  });
  const told = await appendManyTimes(attacked, times, prefix);
  await restarted;
  standIn.faults = {};
  return told;
}

/** One of the faults, in 4 of 1,000 cases. */
function sometimes<T>(...faults: T[]): T | undefined {
  return randomInt(1_000) < 4 ? faults[randomInt(faults.length)] : undefined;
}

test('KurrentDB keeps acknowledged events once, in place, and delivers them to subscribers once', {
  timeout: 300_000,
}, async () => {
  const prefix = aPrefix();
  const early = follow(store, START, prefix);
  const told = await appendUnderFaults(3_000, prefix);
  const log = await expectWhatWasTold(store, told);
  const late = follow(store, START, prefix);
  for (const follower of [early, late]) {
    await follower.until(() => follower.events.length >= log.length);
    await follower.stop();
    expect(follower.events).toEqual(log);
  }
});

test('appends to KurrentDB that fail leave nothing in memory', { timeout: 300_000 }, async () => {
  // Memory that is taken once and kept, for compiled code and channels, is taken in these rounds.
  await appendUnderFaults(2_000, aPrefix());
  standIn.log.erase();
  const before = heapInUse();
  await appendUnderFaults(2_000, aPrefix());
  standIn.log.erase();
  expect(heapInUse() - before).toBeLessThan(10_000_000);
});
