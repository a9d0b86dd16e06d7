import pg from 'pg';
import pino from 'pino';
import type { EventStore } from '../../src/event-store/event-store.js';
import {
  openPostgresEventStore,
  type PostgresEventStoreOptions,
} from '../../src/event-store/postgres/postgres-event-store.js';
import { createTestDatabase } from './database.js';

/** An event store in a database of its own. */
export interface TestEventStore {
  readonly url: string;
  readonly store: EventStore;
  /** Opens the same log once more, as another process would, or through another URL. */
  openAnother(options?: Partial<PostgresEventStoreOptions>, by?: string): Promise<EventStore>;
  /** Closes every store that was opened, and drops the database. */
  close(): Promise<void>;
}

/** Opens an empty Postgres event store. */
export async function openTestEventStore(): Promise<TestEventStore> {
  const { url, drop } = await createTestDatabase();
  const stores: EventStore[] = [];
  const openAnother: TestEventStore['openAnother'] = async (options = {}, by = url) => {
    const store = await openPostgresEventStore(by, { log: pino({ level: 'silent' }), ...options });
    stores.push(store);
    return store;
  };
  return {
    url,
    store: await openAnother(),
    openAnother,
    close: async () => {
      await Promise.all(stores.map((store) => store.close()));
      await drop();
    },
  };
}

/** An event store, and a connection that looks at its database and changes it behind the store's back. */
export interface ViewedEventStore extends TestEventStore {
  readonly sql: pg.Client;
  /** The number of rows that `select … from` the text finds. */
  count(from: string, ...values: unknown[]): Promise<number>;
}

/** As `openTestEventStore`, with such a connection. */
export async function openViewedEventStore(): Promise<ViewedEventStore> {
  const database = await openTestEventStore();
  const sql = new pg.Client({ connectionString: database.url });
  await sql.connect();
  return {
    ...database,
    sql,
    count: async (from, ...values) => {
      const { rows } = await sql.query<{ n: number }>(`select count(*)::int as n from ${from}`, values);
      return rows[0]!.n;
    },
    close: async () => {
      await sql.end();
      await database.close();
    },
  };
}

/** Checks the condition until it holds. */
export async function eventually(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition()));
}
