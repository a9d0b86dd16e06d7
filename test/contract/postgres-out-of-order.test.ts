import { randomUUID } from 'node:crypto';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  type EventStore,
  NO_STREAM,
  START,
  StoreOutOfOrder,
  StoreUnavailable,
} from '../../src/event-store/event-store.js';
import { openPostgresEventStore } from '../../src/event-store/postgres/postgres-event-store.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { readAll } from '../support/event-store-follow.js';
import { eventually } from '../support/event-store-postgres.js';
import { anEvent, aStream } from '../support/event-store-samples.js';

/** The role of the store: a superuser lacks no right. */
const role = `plain_${randomUUID().slice(0, 8)}`;

interface Line {
  readonly level: number;
  readonly sqlstate?: string;
}

let database: TestDatabase;
let operator: pg.Client;
let store: EventStore;
const lines: Line[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  operator = new pg.Client({ connectionString: database.url });
  await operator.connect();
  const url = new URL(database.url);
  await operator.query(`create role ${role} login password 'plain'`);
  await operator.query(`grant create on database ${url.pathname.slice(1)} to ${role}`);
  Object.assign(url, { username: role, password: 'plain' });
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  store = await openPostgresEventStore(url.href, { log, timeLimit: 3_000 });
});

afterAll(async () => {
  await store?.close();
  await operator?.end();
  await database?.drop();
});

beforeEach(() => void lines.splice(0));

/** What the log says of refusals, and of their end. */
const refusals = () => lines.filter(({ sqlstate }) => sqlstate !== undefined);

const append = () => store.append(aStream(), NO_STREAM, [anEvent()]);
const subscribed = () =>
  store.subscribe(START, { prefixes: [''] }, new AbortController().signal)[Symbol.asyncIterator]();

/** A trigger on each event, which fails so. */
const failing = (code: string) => `
  create function event_store.fail() returns trigger language plpgsql as $$
    begin raise exception 'no more of this' using errcode = '${code}'; end
  $$;
  create trigger fail before insert on event_store.events for each row execute function event_store.fail()`;
const NO_TRIGGER = 'drop function event_store.fail cascade';

const BLINDNESS: [fault: string, sqlstate: string, change: string, undo: string][] = [
  [
    'the rights on the table are revoked',
    '42501',
    'revoke all on event_store.events from ROLE',
    'grant all on event_store.events to ROLE',
  ],
  [
    'the right to the schema is revoked',
    '42501',
    'revoke all on schema event_store from ROLE',
    'grant all on schema event_store to ROLE',
  ],
  [
    'the table is renamed',
    '42P01',
    'alter table event_store.events rename to aside',
    'alter table event_store.aside rename to events',
  ],
  [
    'the schema is renamed',
    '3F000',
    'alter schema event_store rename to aside',
    'alter schema aside rename to event_store',
  ],
];

const REFUSALS: typeof BLINDNESS = [
  [
    'the right to insert is revoked',
    '42501',
    'revoke insert on event_store.events from ROLE',
    'grant insert on event_store.events to ROLE',
  ],
  [
    'a constraint does not hold',
    '23514',
    'alter table event_store.events add constraint few check (position < 1) not valid',
    'alter table event_store.events drop constraint few',
  ],
  ...['XX000', 'XX001', 'F0001', 'P0001', 'MY001'].map((code): (typeof BLINDNESS)[0] => [
    'a trigger raises an error',
    code,
    failing(code),
    NO_TRIGGER,
  ]),
  [
    'a trigger raises an error at the commit',
    'P0001',
    failing('P0001')
      .replace('create trigger fail before', 'create constraint trigger fail after')
      .replace('for each', 'initially deferred for each'),
    NO_TRIGGER,
  ],
];

/** Makes a change until the test is over, or until the answer is called. */
async function make(change: string, undo: string): Promise<() => Promise<void>> {
  await operator.query(change.replace('ROLE', role));
  let isMade = true;
  const end = async () => {
    if (isMade) await operator.query(undo.replace('ROLE', role));
    isMade = false;
  };
  onTestFinished(end);
  return end;
}

describe('while somebody has changed the database', () => {
  test.each([...BLINDNESS, ...REFUSALS])(
    'and %s (%s), appends are unavailable, which is logged once',
    async (_, sqlstate, change, undo) => {
      const end = await make(change, undo);
      const refusal = new StoreOutOfOrder(`Postgres answers with SQLSTATE ${sqlstate}`);
      for (const failed of await Promise.allSettled([append(), append(), append()])) {
        expect(failed).toEqual({ status: 'rejected', reason: refusal });
      }
      await expect(append()).rejects.toBeInstanceOf(StoreUnavailable);
      await expect(store.tryAppend()).rejects.toThrow(refusal);
      await expect(
        store.appendAll?.([{ stream: aStream(), expected: NO_STREAM, events: [anEvent()] }]),
      ).rejects.toThrow(refusal);
      await end();
      await store.tryAppend();
      expect(await append()).toMatchObject({ outcome: 'appended' });
      expect(refusals()).toEqual([
        expect.objectContaining({ level: 50, sqlstate }),
        expect.objectContaining({ level: 30, sqlstate }),
      ]);
      expect(JSON.stringify(lines)).not.toContain('"detail"');
    },
  );

  test.each(BLINDNESS)('and %s, reads are unavailable, which is logged once', async (_, __, change, undo) => {
    const stream = aStream();
    await store.append(stream, NO_STREAM, [anEvent()]);
    const end = await make(change, undo);
    await expect(store.head()).rejects.toThrow(StoreOutOfOrder);
    await expect(readAll(store, stream)).rejects.toThrow(StoreOutOfOrder);
    await expect(subscribed().next()).rejects.toThrow(StoreOutOfOrder);
    await end();
    expect(await readAll(store, stream)).toHaveLength(1);
    expect(refusals()).toEqual([
      expect.objectContaining({ level: 50, sqlstate: expect.stringMatching(/^\w{5}$/) }),
      expect.objectContaining({ level: 30, sqlstate: expect.stringMatching(/^\w{5}$/) }),
    ]);
  });

  test('and a trigger refuses one event, the appends beside it are made, and an attempt succeeds', async () => {
    const [refused, ...others] = [aStream(), aStream(), aStream(), aStream()] as const;
    const trigger = failing('P0001').replace('for each row', `for each row when (new.stream = '${refused}')`);
    await make(trigger, NO_TRIGGER);
    const outcomes = await Promise.allSettled(
      [refused, ...others].map((stream) => store.append(stream, NO_STREAM, [anEvent()])),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
    await store.tryAppend();
  });

  test('and misses what the service itself is to bring, the error stays what it is', async () => {
    await make(
      'alter table event_store.events rename type to kind',
      'alter table event_store.events rename kind to type',
    );
    const error = await append().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: '42703' });
    expect(error).not.toBeInstanceOf(StoreUnavailable);
  });
});

describe('an append is made all the same', () => {
  test('after a deadlock with another transaction', async () => {
    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    onTestFinished(() => other.end());
    // The append waits a second before Postgres looks for deadlocks, so the append is the one that it ends.
    await other.query("set deadlock_timeout = '1min'; begin; lock table event_store.events in share mode");
    const appended = append();
    await eventually(async () => {
      const { rows } = await operator.query(
        "select from pg_locks where not granted and relation::regclass::text = 'event_store.events'",
      );
      return rows.length > 0;
    });
    await other.query('select pg_advisory_xact_lock(4100519002)');
    await other.query('commit');
    expect(await appended).toMatchObject({ outcome: 'appended' });
    expect(lines).toEqual([expect.objectContaining({ level: 40, err: expect.objectContaining({ code: '40P01' }) })]);
  });

  test('after a serialization failure', async () => {
    await make(failing('40001'), NO_TRIGGER);
    const appended = append();
    await expect.poll(() => lines.length).toBeGreaterThan(0);
    await operator.query('drop trigger fail on event_store.events');
    expect(await appended).toMatchObject({ outcome: 'appended' });
  });
});

test('one that serialization failures keep from being made is unavailable at its time limit', async () => {
  await make(failing('40001'), NO_TRIGGER);
  await expect(append()).rejects.toThrow(new StoreUnavailable('the event store did not answer within 3000 ms'));
});
