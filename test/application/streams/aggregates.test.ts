import { randomUUID } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { beforeEach, describe, expect, test } from 'vitest';
import { coachKind } from '../../../src/application/coach/coach-inbox.js';
import {
  type AggregateKind,
  type AggregatesParts,
  createAggregates,
  type Decided,
  type StateSource,
} from '../../../src/application/streams/aggregates.js';
import { RecentRequests } from '../../../src/application/streams/recent-requests.js';
import {
  type CoachState,
  coachStream,
  evolveCoach,
  findSession,
  initialCoach,
} from '../../../src/domain/coach/coach.js';
import type { CoachEvent } from '../../../src/domain/coach/events.js';
import { type EventStore, NO_STREAM, StoreUnavailable } from '../../../src/event-store/event-store.js';
import { EventMetadataSchema } from '../../../src/gen/aceup/scheduler/v1/events_pb.js';
import { scheduled, sessionAt } from '../../support/coach-samples.js';
import { createMemoryLog } from '../../support/memory-event-store.js';

const STREAM = coachStream('carol');

let store: EventStore;
/** The revisions from which streams were read. */
let readFrom: (bigint | undefined)[];
beforeEach(() => {
  // Pages of two: what holds for a page must hold across pages.
  const memory = createMemoryLog(2).open();
  readFrom = [];
  store = {
    ...memory,
    read(stream, from) {
      readFrom.push(from);
      return memory.read(stream, from);
    },
  };
});

const metadataOf = (requestId: string) => {
  return create(EventMetadataSchema, { requestId, requestFingerprint: requestId && `content of ${requestId}` });
};

/** Events that another process appends to Carol's stream. */
async function appendElsewhere(times: string[], requestId = ''): Promise<void> {
  const events = times.map((time) => coachKind.events.encode(randomUUID(), scheduled(time), metadataOf(requestId)));
  await store.append(STREAM, 'any', events);
}

/** The coaches of a process of its own. */
function coaches(parts: Partial<AggregatesParts<CoachState, CoachEvent>> = {}) {
  return createAggregates({ kind: coachKind, store, newId: randomUUID, maxBytes: 1_000_000, ...parts });
}

/** Decides to book these times, whatever the coach's state is. */
function booking(...times: string[]) {
  const seen: number[] = [];
  const decide = ({ state }: { readonly state: CoachState }): Decided<CoachState, CoachEvent> => {
    seen.push(state.revision);
    const events = times.map((time) => scheduled(time));
    return {
      facts: events.map((event) => ({ event, metadata: metadataOf(`books ${times}`) })),
      state: events.reduce(evolveCoach, state),
      isFinal: false,
    };
  };
  return { decide, seen };
}

/** Decides to change nothing. */
function looking(isFinal: boolean) {
  const seen: number[] = [];
  const decide = ({ state }: { readonly state: CoachState }): Decided<CoachState, CoachEvent> => {
    seen.push(state.revision);
    return { facts: [], state, isFinal };
  };
  return { decide, seen };
}

const revisions = async () => {
  const all: number[] = [];
  for await (const page of store.read(STREAM)) all.push(...page.map(({ revision }) => Number(revision)));
  return all;
};

describe('an aggregate of a kind that is often new', () => {
  const often = { kind: { ...coachKind, isOftenNew: true } };

  test('is appended to without being read, when it is new', async () => {
    const process = coaches(often);
    const { decide, seen } = booking('08:00');
    expect(await process.transact('carol', decide)).toMatchObject({ kind: 'done', position: 1n });
    expect(await process.transact('carol', booking('09:00').decide)).toMatchObject({ kind: 'done', position: 2n });
    expect(seen).toEqual([-1]);
    expect(readFrom).toEqual([]);
  });

  test('is read, and decided about again, when it has events', async () => {
    await appendElsewhere(['08:00', '09:00', '10:00']);
    const { decide, seen } = booking('11:00');
    const done = await coaches(often).transact('carol', decide);
    expect(done).toMatchObject({ kind: 'done', position: 4n, aggregate: { revision: 3n } });
    expect(seen).toEqual([-1, 2]);
    expect(readFrom).toEqual([0n]);
    expect(await revisions()).toEqual([0, 1, 2, 3]);
  });

  test('is read before a decision without facts counts', async () => {
    await appendElsewhere(['08:00']);
    const { decide, seen } = looking(false);
    expect(await coaches(often).transact('carol', decide)).toMatchObject({ aggregate: { revision: 0n } });
    expect(seen).toEqual([-1, 0]);
    expect(readFrom).toEqual([0n]);
  });

  test('knows the requests that the stream has', async () => {
    await appendElsewhere(['08:00'], 'earlier');
    const done = await coaches(often).transact('carol', booking('09:00').decide);
    expect(done.kind === 'done' && done.aggregate.recentRequests.find('earlier')).toMatchObject({ revision: 0n });
  });
});

describe('a decision with facts', () => {
  test('is durable, answers the position of its last fact, and leaves the aggregate as it decided', async () => {
    await appendElsewhere(['08:00', '09:00', '10:00']);
    const { decide, seen } = booking('11:00', '12:00');
    const done = await coaches().transact('carol', decide);
    expect(done).toMatchObject({ kind: 'done', position: 5n, aggregate: { id: 'carol', revision: 4n } });
    expect(done.kind === 'done' && done.aggregate.state).toBe(done.kind === 'done' && done.decision.state);
    expect(seen).toEqual([2]);
    expect(await revisions()).toEqual([0, 1, 2, 3, 4]);
  });

  test('is not folded again: the decision knows the state that follows', async () => {
    let folded = 0;
    const counting: AggregateKind<CoachState, CoachEvent> = {
      ...coachKind,
      evolve(state, event) {
        folded += 1;
        return evolveCoach(state, event);
      },
    };
    const process = coaches({ kind: counting });
    await process.transact('carol', booking('11:00', '12:00').decide);
    await process.transact('carol', booking('13:00').decide);
    expect(folded).toBe(0);
  });

  test('is made again, against what others have appended meanwhile', async () => {
    const process = coaches();
    await process.transact('carol', booking('08:00').decide);
    await appendElsewhere(['09:00', '10:00', '11:00']);
    const { decide, seen } = booking('12:00');
    expect(await process.transact('carol', decide)).toMatchObject({ kind: 'done', position: 5n });
    expect(seen).toEqual([0, 3]);
    // The second time, only what was new is read.
    expect(readFrom).toEqual([0n, 1n]);
  });

  test('is made so many times, and given up with nothing written', async () => {
    const busy: EventStore = { ...store, append: async () => ({ outcome: 'conflict', actual: 0n }) };
    const { decide, seen } = booking('12:00');
    expect(await coaches({ store: busy, maxAttempts: 3 }).transact('carol', decide)).toEqual({ kind: 'contended' });
    expect(seen).toHaveLength(3);
    expect(await revisions()).toEqual([]);
  });

  test('that may have been written although the append failed is found by the next one', async () => {
    const cutOff: EventStore = {
      ...store,
      async append(...append) {
        await store.append(...append);
        throw new StoreUnavailable('the answer was lost');
      },
    };
    const process = coaches({ store: cutOff });
    await expect(process.transact('carol', booking('08:00').decide)).rejects.toThrow(StoreUnavailable);
    const { decide, seen } = looking(false);
    await process.transact('carol', decide);
    expect(seen.at(-1)).toBe(0);
  });
});

describe('a decision without facts', () => {
  test('is answered at once when the aggregate was just read', async () => {
    await appendElsewhere(['08:00']);
    const { decide, seen } = looking(false);
    expect(await coaches().transact('carol', decide)).toMatchObject({ kind: 'done', position: undefined });
    expect([seen, readFrom]).toEqual([[0], [0n]]);
  });

  test('is made again when others have appended since the aggregate was read', async () => {
    const process = coaches();
    await process.transact('carol', booking('08:00').decide);
    await appendElsewhere(['09:00']);
    const { decide, seen } = looking(false);
    await process.transact('carol', decide);
    expect(seen).toEqual([0, 1]);
  });

  test('is made once when nobody has', async () => {
    const process = coaches();
    await process.transact('carol', booking('08:00').decide);
    const { decide, seen } = looking(false);
    await process.transact('carol', decide);
    expect([seen, readFrom]).toEqual([[0], [0n, 1n]]);
  });

  test('is answered without reading when it holds whatever others have appended', async () => {
    const process = coaches();
    await process.transact('carol', booking('08:00').decide);
    await appendElsewhere(['09:00']);
    const { decide, seen } = looking(true);
    await process.transact('carol', decide);
    expect([seen, readFrom]).toEqual([[0], [0n]]);
  });
});

describe('the requests of an aggregate', () => {
  const requestOf = (requestId: string, revision: bigint) => ({ fingerprint: `content of ${requestId}`, revision });

  test('are remembered by their first events, whoever appended them', async () => {
    await appendElsewhere(['06:00', '07:00'], 'elsewhere');
    await appendElsewhere(['08:00']);
    const done = await coaches().transact('carol', booking('11:00', '12:00').decide);
    const { recentRequests } = done.kind === 'done' ? done.aggregate : expect.fail();
    expect(recentRequests.find('elsewhere')).toMatchObject({ ...requestOf('elsewhere', 0n), position: 1n });
    expect(recentRequests.find('books 11:00,12:00')).toMatchObject({
      ...requestOf('books 11:00,12:00', 3n),
      position: 5n,
    });
    expect(recentRequests.size).toBe(2);
  });
});

describe('memory', () => {
  test('has no aggregate that is larger than the bound, and reads it again', async () => {
    const process = coaches({ maxBytes: 1 });
    await process.transact('carol', booking('08:00').decide);
    await process.transact('carol', booking('09:00').decide);
    expect(readFrom).toEqual([0n, 0n]);
  });

  test('measures an aggregate again when it has grown', async () => {
    const sized = { ...coachKind, bytesOf: ({ revision }: CoachState) => (revision < 1 ? 0 : 1_000_000) };
    const process = coaches({ kind: sized, maxBytes: 10_000 });
    await process.transact('carol', booking('08:00').decide);
    await process.transact('carol', booking('09:00').decide);
    await process.transact('carol', booking('10:00').decide);
    expect(readFrom).toEqual([0n, 0n]);
  });

  test('is taken from others when an aggregate has grown', async () => {
    const sized = { ...coachKind, bytesOf: ({ revision }: CoachState) => (revision < 1 ? 0 : 3_000) };
    const process = coaches({ kind: sized, maxBytes: 7_000 });
    for (const time of ['08:00', '09:00']) await process.transact('dora', booking(time).decide);
    for (const time of ['08:00', '09:00']) await process.transact('carol', booking(time).decide);
    readFrom = [];
    await process.transact('carol', looking(true).decide);
    expect(readFrom).toEqual([]);
    await process.transact('dora', looking(true).decide);
    expect(readFrom).toEqual([0n]);
  });

  test('counts the requests that an aggregate remembers', async () => {
    const process = coaches({ maxBytes: 1_000 });
    await process.transact('carol', booking('08:00').decide);
    await process.transact('carol', booking('09:00').decide);
    expect(readFrom).toEqual([0n, 0n]);
  });

  test('is left to the aggregates that were used last', async () => {
    const process = coaches({ kind: { ...coachKind, bytesOf: () => 1_000 }, maxBytes: 5_000 });
    const use = (coach: string, { decide } = looking(true)) => process.transact(coach, decide);
    await use('carol', booking('08:00'));
    await use('dora', booking('08:00'));
    await use('carol');
    await use('erin', booking('08:00'));
    readFrom = [];
    await use('carol');
    expect(readFrom).toEqual([]);
    await use('dora');
    expect(readFrom).toEqual([0n]);
  });
});

test('a stream that skips a revision is not folded', async () => {
  await appendElsewhere(['08:00', '09:00', '10:00']);
  const holed: EventStore = {
    ...store,
    async *read(stream, from) {
      for await (const page of store.read(stream, from)) yield page.filter(({ revision }) => revision !== 1n);
    },
  };
  const { decide, seen } = looking(false);
  await expect(coaches({ store: holed }).transact('carol', decide)).rejects.toThrow('coach-carol skips to 2');
  expect(seen).toEqual([]);
});

describe('an earlier state', () => {
  /** A source that has Carol as of a revision, and what it was told of. */
  function sourceOf(revision: bigint, isAt: 'its own' | 'another') {
    const considered: bigint[] = [];
    const source: StateSource<CoachState> = {
      async find(id) {
        const events = ['08:00', '09:00', '10:00'].slice(0, Number(revision) + 1).map((time) => scheduled(time));
        const state = events.reduce(evolveCoach, initialCoach);
        return {
          aggregate: { id, state, revision, recentRequests: RecentRequests.after(revision + 1n) },
          isAt: (recorded) => isAt === 'its own' && recorded.revision === revision,
        };
      },
      load: async () => false,
      relieve: async () => {},
      consider: (aggregate) => considered.push(aggregate.revision),
    };
    return { source, considered };
  }

  test('saves reading the events before', async () => {
    await appendElsewhere(['08:00', '09:00', '10:00', '11:00', '12:00', '13:00']);
    const { source, considered } = sourceOf(2n, 'its own');
    const { decide, seen } = looking(false);
    await coaches({ states: source }).transact('carol', decide);
    expect([seen, readFrom, considered]).toEqual([[5], [2n], [5n]]);
  });

  test('is used when nothing came after it', async () => {
    await appendElsewhere(['08:00', '09:00', '10:00']);
    const { source } = sourceOf(2n, 'its own');
    const { decide, seen } = looking(false);
    const process = coaches({ states: source });
    await process.transact('carol', decide);
    await process.transact('carol', booking('11:00').decide);
    expect([seen, readFrom]).toEqual([[2], [2n]]);
  });

  test.each(['its event is another', 'the stream ends before it'])('is not used when %s', async (why) => {
    await appendElsewhere(['08:00', '09:00']);
    const { source } = why === 'its event is another' ? sourceOf(1n, 'another') : sourceOf(2n, 'its own');
    const { decide, seen } = looking(false);
    await coaches({ states: source }).transact('carol', decide);
    expect([seen, readFrom.at(-1)]).toEqual([[1], 0n]);
  });

  test('may be kept whenever the aggregate has changed, and only then', async () => {
    const considered: bigint[] = [];
    const source: StateSource<CoachState> = {
      find: async () => undefined,
      load: async () => false,
      relieve: async () => {},
      consider: ({ revision }) => considered.push(revision),
    };
    const process = coaches({ states: source });
    await process.transact('carol', looking(false).decide);
    expect(considered).toEqual([]);
    await process.transact('carol', booking('08:00', '09:00').decide);
    expect(considered).toEqual([1n]);
    await process.transact('carol', looking(false).decide);
    expect(considered).toEqual([1n]);
    await appendElsewhere(['10:00']);
    await process.transact('carol', looking(false).decide);
    expect(considered).toEqual([1n, 2n]);
  });
});

describe('a state of which a part is absent', () => {
  const EARLIER = ['08:00', '09:00', '10:00'];

  /**
   * A source that has Carol as of revision 2, without her sessions. Whenever these are asked for, they are there or
   * not, as the fates say.
   */
  function sourceOf(...fates: ('there' | 'lost')[]) {
    const asked: number[] = [];
    const considered: bigint[] = [];
    const { sessions } = EARLIER.map((time) => scheduled(time)).reduce<CoachState>(evolveCoach, initialCoach);
    const source: StateSource<CoachState> = {
      async find(id) {
        const state = EARLIER.map((time) => scheduled(time)).reduce<CoachState>(evolveCoach, initialCoach);
        state.sessions.content = undefined;
        return {
          aggregate: { id, state, revision: 2n, recentRequests: RecentRequests.after(3n) },
          isAt: (recorded) => recorded.revision === 2n,
        };
      },
      async load(_, parts) {
        asked.push(parts.length);
        if (fates.shift() === 'lost') return false;
        for (const part of parts) part.content = sessions.content;
        return true;
      },
      relieve: async () => {},
      consider: (aggregate) => considered.push(aggregate.revision),
    };
    return { source, asked, considered };
  }

  /** Looks for the session that was booked for a time. */
  function lookingFor(time: string) {
    const found: boolean[] = [];
    const decide = ({ state }: { readonly state: CoachState }): Decided<CoachState, CoachEvent> => {
      found.push(findSession(state, sessionAt(time)) !== undefined);
      return { facts: [], state, isFinal: true };
    };
    return { decide, found };
  }

  beforeEach(() => appendElsewhere(EARLIER));

  test('is loaded when a decision needs it, and the decision is made again: that is not another attempt', async () => {
    const { source, asked } = sourceOf('there');
    const { decide, found } = lookingFor('09:00');
    const process = coaches({ states: source, maxAttempts: 1 });
    expect(await process.transact('carol', decide)).toMatchObject({ kind: 'done' });
    await process.transact('carol', decide);
    expect([found, asked, readFrom]).toEqual([[true, true], [1], [2n]]);
  });

  test('is loaded when an event needs it', async () => {
    await appendElsewhere(['11:00', '12:00']);
    const { source, asked } = sourceOf('there');
    const { decide, found } = lookingFor('12:00');
    await coaches({ states: source }).transact('carol', decide);
    expect([found, asked, readFrom]).toEqual([[true], [1], [2n]]);
  });

  test('takes memory once it is loaded, also when nothing changes', async () => {
    const { source, considered } = sourceOf('there');
    await coaches({ states: source }).transact('carol', lookingFor('09:00').decide);
    expect(considered).toEqual([2n, 2n]);
  });

  test('is looked for in the earlier state that there is by now, when it is lost', async () => {
    const { source, asked } = sourceOf('lost', 'there');
    const { decide, found } = lookingFor('09:00');
    await coaches({ states: source }).transact('carol', decide);
    expect([found, asked, readFrom]).toEqual([[true], [1, 1], [2n, 2n]]);
  });

  test('is made from all events, when it is lost again', async () => {
    const { source, asked } = sourceOf('lost', 'lost');
    const { decide, found } = lookingFor('09:00');
    await coaches({ states: source }).transact('carol', decide);
    expect([found, asked, readFrom]).toEqual([[true], [1, 1], [2n, 2n, 0n]]);
  });

  test('is made from all events, when it is lost while others are read', async () => {
    await appendElsewhere(['11:00']);
    const { source, asked } = sourceOf('lost');
    const { decide, found } = lookingFor('11:00');
    await coaches({ states: source }).transact('carol', decide);
    expect([found, asked, readFrom]).toEqual([[true], [1], [2n, 0n]]);
  });
});

test('an aggregate that its source wants forgotten is loaded anew', async () => {
  const source: StateSource<CoachState> = {
    find: async () => undefined,
    load: async () => false,
    relieve: async () => {},
    consider: (aggregate, forget) => forget(aggregate),
  };
  const process = coaches({ states: source });
  await process.transact('carol', booking('08:00').decide);
  readFrom = [];
  await process.transact('carol', booking('09:00').decide);
  expect(readFrom).toEqual([0n]);
});

test('an aggregate without events is at no revision', async () => {
  const done = await coaches().transact('carol', looking(false).decide);
  expect(done).toMatchObject({ aggregate: { revision: NO_STREAM, state: initialCoach } });
});
