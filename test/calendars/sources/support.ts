import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { expect, onTestFinished } from 'vitest';
import { migrateReadModel } from '../../../projections/migrate-read-model.js';
import type { CalendarSource, SourceRefusal } from '../../../src/application/calendar-sources.js';
import type { Commands } from '../../../src/application/client/book.js';
import { acceptedUnwritten, type Outcome } from '../../../src/application/submission.js';
import type { SyncCalendar } from '../../../src/application/sync-calendar.js';
import { type DueSource, takeDue } from '../../../src/calendars/sources/due-sources.js';
import { createFetchCalendar } from '../../../src/calendars/sources/fetch-calendar.js';
import { createFetchSource } from '../../../src/calendars/sources/fetch-source.js';
import { createSourceStore } from '../../../src/calendars/sources/source-store.js';
import type { SyncTimeOff } from '../../../src/domain/availability/commands.js';
import { createPool } from '../../../src/postgres/pool.js';
import { createTestDatabase } from '../../support/database.js';

const never = new AbortController().signal;

export const READING = {
  leftOut: { transparent: 1, cancelled: 2, own: 3, past: 4, withoutTime: 5 },
  followedUntil: Date.parse('2031-02-05T12:00:00Z'),
};

/** What came of a set or a delete that is not refused. */
export function accepted<Done extends CalendarSource | 'deleted'>(answer: Done | SourceRefusal): Done {
  if (typeof answer === 'object' && 'refused' in answer) throw new Error(`refused: ${answer.refused}`);
  return answer as Done;
}

/** What becomes of documents, and what happens meanwhile. */
interface World {
  /** Why they are refused. */
  refuse: Error | undefined;
  outcome: Outcome;
  beforeSubmit: () => Promise<void>;
  duringSubmit: () => Promise<void>;
}

/**
 * Calendar sources in a database of a test's own, with a clock that the test moves, and what fetches them when the test
 * says so. Documents are noted as they would be read, and not read.
 */
export async function createWorld() {
  const { url, drop } = await createTestDatabase();
  await migrateReadModel(url);
  const warnings: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void warnings.push(JSON.parse(line).msg) });
  const pool = createPool(url, { max: 4, applicationName: 'test', log });
  onTestFinished(async () => {
    await pool.end();
    await drop();
  });
  const clock = { now: Date.parse('2030-01-01T12:00:00Z') };
  const now = () => clock.now;
  const synced: { readonly coachHashId: string; readonly text: string }[] = [];
  const cleared: string[] = [];
  const nothing = async () => {};
  const state: World = {
    refuse: undefined,
    outcome: acceptedUnwritten([]),
    beforeSubmit: nothing,
    duringSubmit: nothing,
  };
  const commands: Commands = {
    submit: async ({ command }) => {
      if (command.type !== 'SyncTimeOff') throw new Error('calendars ask for nothing else');
      await state.duringSubmit();
      if (!command.calendar) cleared.push(command.source);
      return state.outcome;
    },
  };
  const syncCalendar: SyncCalendar = async ({ coachHashId, source, bytes }, submit) => {
    if (state.refuse) throw state.refuse;
    await state.beforeSubmit();
    const command: SyncTimeOff = {
      type: 'SyncTimeOff',
      coachHashId,
      source,
      timeOff: [],
      calendar: READING,
      now: now(),
    };
    await submit(command);
    synced.push({ coachHashId, text: Buffer.from(bytes).toString() });
    return { total: bytes.length, added: 0, removed: 0, reading: READING, position: undefined };
  };
  const fetchCalendar = createFetchCalendar({ allowPrivate: true, now });
  const parts = { pool, fetchCalendar, syncCalendar, commands, newId: randomUUID, now, log };
  const fetchSource = createFetchSource(parts);
  const sources = createSourceStore({ pool, rules: { allowPrivate: true }, now });

  return {
    url,
    pool,
    clock,
    /** What operators were warned of. */
    warnings,
    sources,
    /** What was synced, in order. */
    synced,
    /** The names of the sources whose time off was removed. */
    cleared,
    /** What becomes of a document. */
    state,
    /** Takes what is due. */
    /** @param underWay what was taken before and is still fetched */
    async take(underWay: readonly DueSource[] = []) {
      const client = await pool.connect();
      try {
        return await takeDue(client, now(), underWay);
      } finally {
        client.release();
      }
    },
    fetchSource: (due: Parameters<typeof fetchSource>[0]) => fetchSource(due, never),
    /** Fetches all that is due, and answers how many that were. */
    async fetchDue(): Promise<number> {
      const due = await this.take();
      await Promise.all(due.map((one) => fetchSource(one, never)));
      return due.length;
    },
    /** Resolves when a statement waits for a lock. */
    async lockIsAwaited(): Promise<void> {
      const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await expect.poll(async () => (await pool.query(waiting)).rowCount).toBe(1);
    },
    /** Everything that the table has, as text. */
    async rows(): Promise<string> {
      return JSON.stringify((await pool.query('select * from calendars.sources')).rows, (_, value) =>
        typeof value === 'bigint' ? String(value) : value,
      );
    },
  };
}
