import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientKind, createClientInbox } from '../../../src/application/client/client-inbox.js';
import { type ClientRule, refuseClientOverlap } from '../../../src/application/client/reserve.js';
import { type CoachInbox, coachKind, createCoachInbox } from '../../../src/application/coach/coach-inbox.js';
import {
  type AcceptedRequest,
  createRequestLedger,
  type RequestIndex,
} from '../../../src/application/coach/requests.js';
import { type Aggregates, createAggregates } from '../../../src/application/streams/aggregates.js';
import { Overloaded } from '../../../src/application/streams/inbox.js';
import type { Accepted, AttemptOutcome, Submission } from '../../../src/application/submission.js';
import { type CoachState, coachStream } from '../../../src/domain/coach/coach.js';
import type { CoachCommand } from '../../../src/domain/coach/commands.js';
import type { CoachEvent } from '../../../src/domain/coach/events.js';
import { type EventStore, type RecordedEvent, StoreUnavailable } from '../../../src/event-store/event-store.js';
import { Cancellation } from '../../../src/waiting.js';
import {
  cancel,
  cancelSeries,
  occurrence,
  rescheduleSeries,
  schedule,
  scheduleSeries,
  settle,
} from '../../support/coach-samples.js';
import { readAll } from '../../support/event-store-follow.js';
import { openTestEventStore, type TestEventStore } from '../../support/event-store-postgres.js';
import { emptyIndex, type SubmissionOptions, submissionOf } from '../../support/submissions.js';
import { zoneRules } from '../../support/zone-rules.js';

let database: TestEventStore;
let store: EventStore;

beforeAll(async () => {
  database = await openTestEventStore();
  store = database.store;
});

afterAll(() => database?.close());

const HOUR = 3_600_000;

/** Asks for an hour of a coach's day, and for no client's time. */
function book(coachHashId: string, hour: number, options: SubmissionOptions = {}): Submission {
  const command = {
    type: 'ScheduleSession',
    sessionId: randomUUID(),
    coachHashId,
    clientHashId: 'chris',
    start: hour * HOUR,
    duration: 60,
    now: 0,
  } as const;
  return submissionOf(command, { content: `hour ${hour}`, ...options });
}

/** A rule for clients that needs no time of theirs. `onRelease` hears of each submission that has been decided. */
function noRule(onRelease: (submission: Submission) => void = () => {}): ClientRule {
  return {
    withReservations: (command) => command,
    openBatch: () => ({
      refusals: new Map(),
      reserve: () => true,
      release(submission) {
        onRelease(submission);
        return undefined;
      },
    }),
  };
}

interface InboxOptions {
  readonly store?: EventStore;
  readonly index?: RequestIndex;
  readonly cacheBytes?: number;
  readonly maxAttempts?: number;
  readonly maxWaiting?: number;
}

/** An inbox of a process of its own. */
function inboxOver(options: InboxOptions = {}): CoachInbox {
  const { store: over = store, index = emptyIndex, cacheBytes: maxBytes = 1_000_000, ...rest } = options;
  const parts = { store: over, newId: randomUUID, maxBytes, ...rest };
  return createCoachInbox({
    ...parts,
    coaches: createAggregates({ kind: coachKind, ...parts }),
    rule: refuseClientOverlap({
      clients: createClientInbox(createAggregates({ kind: clientKind, ...parts })),
      newId: randomUUID,
      onReleaseFailed: (error) => expect.fail(`${error}`),
    }),
    ledger: createRequestLedger(index),
    zoneRules,
  });
}

const historyOf = (coachHashId: string): Promise<RecordedEvent[]> => readAll(store, coachStream(coachHashId));

const kinds = (outcomes: AttemptOutcome[]) => outcomes.map(({ kind }) => kind);

/** A store whose appends wait for `open`, and that counts them. */
function gatedStore() {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const sizes: number[] = [];
  const gated: EventStore = {
    ...store,
    append: async (stream, expected, events) => {
      sizes.push(events.length);
      await gate;
      return store.append(stream, expected, events);
    },
  };
  return { gated, open, sizes };
}

test('an accepted command is in the stream of its coach', async () => {
  const coach = randomUUID();
  const outcome = await inboxOver().submit(book(coach, 9));
  const [recorded] = await historyOf(coach);
  expect(outcome).toMatchObject({ kind: 'accepted', position: recorded?.position });
  expect(recorded).toMatchObject({ revision: 0n, type: 'aceup.scheduler.v1.SessionScheduled' });
});

test('a command sent again has its first answer, position and all, also when it was appended with others', async () => {
  const coach = randomUUID();
  const inbox = inboxOver();
  const requests = [9, 10, 11, 12].map((hour) => book(coach, hour, { requestId: `${coach} ${hour}` }));
  const first = await Promise.all(requests.map((request) => inbox.submit(request)));
  expect(kinds(first)).toEqual(Array(4).fill('accepted'));
  const again = await Promise.all(requests.map((request) => inbox.submit(request)));
  expect(again).toEqual(first);
  const positions = (await historyOf(coach)).map(({ position }) => position);
  expect(first.map((outcome) => (outcome as Accepted).position)).toEqual(positions);
});

test('a refused command leaves nothing', async () => {
  const coach = randomUUID();
  const inbox = inboxOver();
  await inbox.submit(book(coach, 9));
  expect(await inbox.submit(book(coach, 9))).toMatchObject({
    kind: 'rejected',
    rejection: { reason: 'COACH_OVERLAP' },
  });
  expect(await historyOf(coach)).toHaveLength(1);
});

test('commands that arrive while an append is under way are appended together', async () => {
  const coach = randomUUID();
  const { gated, open, sizes } = gatedStore();
  const inbox = inboxOver({ store: gated });
  const outcomes = Promise.all(Array.from({ length: 20 }, (_, hour) => inbox.submit(book(coach, hour))));
  await expect.poll(() => sizes).toEqual([1]);
  open();
  expect(new Set(kinds(await outcomes))).toEqual(new Set(['accepted']));
  expect(sizes).toEqual([1, 19]);
});

test('a coach does not wait for another', async () => {
  const { gated, open, sizes } = gatedStore();
  const inbox = inboxOver({ store: gated });
  const outcomes = [inbox.submit(book(randomUUID(), 9)), inbox.submit(book(randomUUID(), 9))];
  await expect.poll(() => sizes).toEqual([1, 1]);
  open();
  expect(kinds(await Promise.all(outcomes))).toEqual(['accepted', 'accepted']);
});

test('a coach that is not in memory is read from its stream', async () => {
  const coach = randomUUID();
  await inboxOver().submit(book(coach, 9));
  expect(await inboxOver().submit(book(coach, 9))).toMatchObject({ kind: 'rejected' });
});

test('a coach that was evicted from memory is read again', async () => {
  const inbox = inboxOver({ cacheBytes: 1 });
  const coach = randomUUID();
  await inbox.submit(book(coach, 9));
  expect(await inbox.submit(book(coach, 9))).toMatchObject({ kind: 'rejected' });
});

describe('when another process writes to the same coach', () => {
  test('racing rivals get each hour once, and everyone gets an answer', async () => {
    const coach = randomUUID();
    const inboxes = [inboxOver(), inboxOver(), inboxOver()];
    const rivals = Array.from(
      { length: 240 },
      (_, rival) => inboxes[rival % 3]?.submit(book(coach, rival % 24)) as Promise<AttemptOutcome>,
    );
    const outcomes = kinds(await Promise.all(rivals));
    expect(outcomes.filter((kind) => kind === 'accepted')).toHaveLength(24);
    expect(outcomes.filter((kind) => kind === 'rejected')).toHaveLength(216);

    const starts = (await historyOf(coach)).map(({ data }) => data['start']);
    expect(new Set(starts).size).toBe(24);
  });

  test('a conflict is decided again against the new events', async () => {
    const coach = randomUUID();
    const [here, there] = [inboxOver(), inboxOver()];
    await here.submit(book(coach, 1));
    await there.submit(book(coach, 2));
    expect(await here.submit(book(coach, 3))).toMatchObject({ kind: 'accepted' });
    expect(await here.submit(book(coach, 2))).toMatchObject({ kind: 'rejected' });
  });

  test('it gives up after a number of attempts', async () => {
    const coach = randomUUID();
    let attempts = 0;
    const busy: EventStore = {
      ...store,
      append: async () => {
        attempts += 1;
        return { outcome: 'conflict', actual: 0n };
      },
    };
    expect(await inboxOver({ store: busy, maxAttempts: 3 }).submit(book(coach, 9))).toEqual({ kind: 'contended' });
    expect(attempts).toBe(3);
  });
});

test('while the store is unavailable a command fails, and the next one succeeds', async () => {
  const coach = randomUUID();
  let away = true;
  const shaky: EventStore = {
    ...store,
    append: async (...append) => {
      if (away) throw new StoreUnavailable('away');
      return store.append(...append);
    },
  };
  const inbox = inboxOver({ store: shaky });
  await expect(inbox.submit(book(coach, 9))).rejects.toThrow(StoreUnavailable);
  away = false;
  expect(await inbox.submit(book(coach, 9))).toMatchObject({ kind: 'accepted' });
});

test('an append that was written although it failed is seen by the next command', async () => {
  const coach = randomUUID();
  let cut = true;
  const cutOff: EventStore = {
    ...store,
    append: async (...append) => {
      const result = await store.append(...append);
      if (!cut) return result;
      cut = false;
      throw new StoreUnavailable('the answer was lost');
    },
  };
  const inbox = inboxOver({ store: cutOff });
  await expect(inbox.submit(book(coach, 9))).rejects.toThrow(StoreUnavailable);
  expect(await inbox.submit(book(coach, 9))).toMatchObject({ kind: 'rejected' });
  expect(await historyOf(coach)).toHaveLength(1);
});

test('a command that nobody waits for is dropped before it is decided', async () => {
  const coach = randomUUID();
  const { gated, open } = gatedStore();
  const inbox = inboxOver({ store: gated });
  const first = inbox.submit(book(coach, 1));
  const leaving = new Cancellation();
  const second = inbox.submit(book(coach, 2, { cancellation: leaving }));
  leaving.abort(new Error('gone'));
  open();
  await expect(second).rejects.toThrow('gone');
  await first;
  expect(await historyOf(coach)).toHaveLength(1);
});

describe('what a command weighs', () => {
  const occurrences = (count: number) => Array.from({ length: count }, (_, nr) => occurrence(nr + 1));
  const booked = (count: number) => scheduleSeries({ occurrences: occurrences(count) });
  const moved = (count: number) => rescheduleSeries(0, { occurrences: occurrences(count) });

  // A batch weighs 256 at most; the first command is handled alone.
  test.each<[string, CoachCommand[], number]>([
    ['a series that is booked: its occurrences', [booked(200), booked(57)], 2],
    ['a series that is moved: its occurrences', [moved(200), moved(57)], 2],
    ['a series that is cancelled: the most that one may have', [cancelSeries(), cancelSeries(), cancelSeries()], 2],
    ['any other: one', Array.from({ length: 256 }, () => schedule('09:00')), 1],
  ])('%s', async (_, commands, expected) => {
    let batches = 0;
    const coaches = {
      async transact() {
        batches += 1;
        await new Promise(setImmediate);
        return { kind: 'contended' };
      },
    } as unknown as Aggregates<CoachState, CoachEvent>;
    const inbox = createCoachInbox({
      store,
      coaches,
      rule: noRule(),
      ledger: createRequestLedger(emptyIndex),
      zoneRules,
    });
    const outcomes = [cancel(), ...commands].map((command) => inbox.submit(submissionOf(command)));
    expect(new Set(kinds(await Promise.all(outcomes)))).toEqual(new Set(['contended']));
    expect(batches).toBe(1 + expected);
  });
});

test('a command of which nothing was written has no place in the log, although others of its batch have', async () => {
  const coach = randomUUID();
  const { gated, open, sizes } = gatedStore();
  const inbox = inboxOver({ store: gated });
  const first = inbox.submit(book(coach, 1));
  // Nothing uses this reservation, and it is recorded once that nothing ever will.
  const settles = [1, 2].map(() => inbox.submit(submissionOf(settle('09:00', { coachHashId: coach, abandon: true }))));
  const last = inbox.submit(book(coach, 2));
  open();
  const [, settled, again, booked] = (await Promise.all([first, ...settles, last])) as Accepted[];
  expect(sizes).toEqual([1, 2]);
  expect(settled).toMatchObject({ kind: 'accepted', events: [{}], revision: 1, position: booked?.position });
  expect(again).toEqual({ kind: 'accepted', events: [], revision: undefined, position: undefined });
});

test("a command that was sent more than once has its client's time released once", async () => {
  const coach = randomUUID();
  const released: unknown[] = [];
  const rule = noRule((submission) => void released.push(submission));
  const parts = { store, newId: randomUUID, maxBytes: 1_000_000 };
  const coaches = createAggregates({ kind: coachKind, ...parts });
  const inbox = createCoachInbox({ store, coaches, rule, ledger: createRequestLedger(emptyIndex), zoneRules });
  const first = book(coach, 1);
  const copies = [2, 2, 2].map((hour) => book(coach, hour, { requestId: 'key' }));
  await Promise.all([first, ...copies].map((submission) => inbox.submit(submission)));
  expect(released).toEqual([first, copies[0]]);
});

test('more commands than may wait are refused', async () => {
  const { gated, open } = gatedStore();
  const inbox = inboxOver({ store: gated, maxWaiting: 1 });
  const first = inbox.submit(book(randomUUID(), 1));
  await expect(inbox.submit(book(randomUUID(), 1))).rejects.toThrow(Overloaded);
  open();
  expect(await first).toMatchObject({ kind: 'accepted' });
  expect(await inbox.submit(book(randomUUID(), 1))).toMatchObject({ kind: 'accepted' });
});

describe('a request id', () => {
  test('is the only thing that is looked for in the index: without one, the index may be away', async () => {
    const coach = randomUUID();
    const asked: (readonly string[])[] = [];
    const index: RequestIndex = {
      async find(requestIds) {
        asked.push(requestIds);
        return new Map();
      },
    };
    const inbox = inboxOver({ index });
    await inbox.submit(book(coach, 1));
    expect(asked).toEqual([]);
    await Promise.all([book(coach, 2), book(coach, 3), book(coach, 4, { requestId: 'key' })].map(inbox.submit));
    expect(asked).toEqual([['key']]);
  });

  test('sent again gets the first answer, from every process', async () => {
    const coach = randomUUID();
    const requestId = randomUUID();
    const first = await inboxOver().submit(book(coach, 9, { requestId }));
    expect(await inboxOver().submit(book(coach, 9, { requestId }))).toEqual(first);
    expect(await historyOf(coach)).toHaveLength(1);
  });

  test('sent many times at once is carried out once', async () => {
    const coach = randomUUID();
    const requestId = randomUUID();
    const inboxes = [inboxOver(), inboxOver()];
    const sent = Array.from({ length: 20 }, (_, nr) => inboxes[nr % 2]?.submit(book(coach, 9, { requestId })));
    const [first, ...others] = await Promise.all(sent);
    expect(first).toMatchObject({ kind: 'accepted' });
    for (const other of others) expect(other).toEqual(first);
    expect(await historyOf(coach)).toHaveLength(1);
  });

  test('with other content is refused', async () => {
    const coach = randomUUID();
    const requestId = randomUUID();
    const inbox = inboxOver();
    await inbox.submit(book(coach, 9, { requestId }));
    expect(await inbox.submit(book(coach, 10, { requestId }))).toEqual({ kind: 'request-id-reused' });
  });

  test('used for another coach a moment ago is refused', async () => {
    const requestId = randomUUID();
    const inbox = inboxOver();
    await inbox.submit(book(randomUUID(), 9, { requestId }));
    expect(await inbox.submit(book(randomUUID(), 9, { requestId }))).toEqual({ kind: 'request-id-reused' });
  });

  test('that the coach has forgotten is found in the index, once the index has caught up', async () => {
    const coach = randomUUID();
    const indexed = new Map<string, AcceptedRequest[]>();
    const askedUpTo: bigint[] = [];
    const index: RequestIndex = {
      find: async (_, upTo) => {
        askedUpTo.push(upTo);
        return indexed;
      },
    };
    const inbox = inboxOver({ index });
    const requestId = randomUUID();
    const first = await inbox.submit(book(coach, 0, { requestId }));
    indexed.set(requestId, [{ coachHashId: coach, fingerprint: 'hour 0', revision: 0n }]);
    // A coach keeps the last 256.
    await Promise.all(
      Array.from({ length: 256 }, (_, nr) => inbox.submit(book(coach, nr + 1, { requestId: randomUUID() }))),
    );

    expect(await inbox.submit(book(coach, 0, { requestId }))).toEqual(first);
    expect(first.kind).toBe('accepted');
    expect(askedUpTo.at(-1)).toBeGreaterThanOrEqual((first as Accepted).position as bigint);
    expect(await historyOf(coach)).toHaveLength(257);
  });

  describe('counts for its subject:', () => {
    const requestId = 'key';
    const ofAnn = { requestId, subject: 'ann' };
    const ofBen = { requestId, subject: 'ben' };

    test('two subjects have two sessions by one id, and each gets its own answer again, from every process', async () => {
      const coach = randomUUID();
      const asked = [book(coach, 9, { requestId }), book(coach, 10, ofAnn), book(coach, 11, ofBen)];
      const inbox = inboxOver();
      // Side by side in the stream, as one append.
      const first = await Promise.all(asked.map((one) => inbox.submit(one)));
      expect(first.map((answer) => answer.kind === 'accepted' && answer.events.length)).toEqual([1, 1, 1]);
      for (const process of [inbox, inboxOver()]) {
        expect(await Promise.all(asked.map((one) => process.submit(one)))).toEqual(first);
      }
      expect(await historyOf(coach)).toHaveLength(3);
    });

    test('what another subject was answered is not answered, but decided', async () => {
      const coach = randomUUID();
      await inboxOver().submit(book(coach, 9, ofAnn));
      for (const options of [ofBen, { requestId }]) {
        expect(await inboxOver().submit(book(coach, 9, options))).toMatchObject({
          kind: 'rejected',
          rejection: { reason: 'COACH_OVERLAP' },
        });
      }
    });

    test('with other content it is refused to its subject only', async () => {
      const coach = randomUUID();
      const inbox = inboxOver();
      await inbox.submit(book(coach, 9, ofAnn));
      expect(await inbox.submit(book(coach, 10, ofAnn))).toEqual({ kind: 'request-id-reused' });
      expect(await inbox.submit(book(coach, 10, ofBen))).toMatchObject({ kind: 'accepted' });
    });

    test('for another coach it is refused to its subject only', async () => {
      const inbox = inboxOver();
      await inbox.submit(book(randomUUID(), 9, ofAnn));
      expect(await inbox.submit(book(randomUUID(), 9, ofAnn))).toEqual({ kind: 'request-id-reused' });
      expect(await inbox.submit(book(randomUUID(), 9, ofBen))).toMatchObject({ kind: 'accepted' });
    });
  });
});
