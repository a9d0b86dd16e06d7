import pg from 'pg';
import type { Position } from '../../event-store/event-store.js';
import { connectionSettings } from '../../postgres/pool.js';
import { type AuditedTable, type Row, TABLES } from './expected-rows.js';

/** The read model as of one moment. */
export interface ReadModelSnapshot {
  /** The tables have every event at or before it. */
  readonly checkpoint: Position;
  /** False when an older version of the service wrote some of the rows, which lack what that version does not know. */
  readonly isComplete: boolean;
  /** The rows of a table, page by page. @param order the columns to sort by; none: in any order */
  rows(table: AuditedTable, order?: readonly string[]): AsyncGenerator<Row>;
  close(): Promise<void>;
}

/** Milliseconds to connect, and that a statement may take: the first page of a sorted table comes when all is sorted. */
const CONNECT_TIMEOUT = 3_000;
const STATEMENT_LIMIT = 3_600_000;

const PAGE = 2_000;

/**
 * Takes a snapshot of the read model: one transaction sees all of its tables and its checkpoint as of one moment, and
 * writes nothing. Undefined when there is no read model. Throws what Postgres throws.
 */
export async function openSnapshot(url: string): Promise<ReadModelSnapshot | undefined> {
  const client = new pg.Client(connectionSettings(url, 'verify', CONNECT_TIMEOUT, STATEMENT_LIMIT));
  // The statement under way rejects too; without a listener the event would end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    // Other limits of the role or the database may be shorter than the audit.
    await client.query('set idle_in_transaction_session_timeout = 0');
    const { rows: found } = await client.query("select to_regclass('read_model.checkpoints') as name");
    if (found[0].name === null) return await close();
    await client.query('begin isolation level repeatable read, read only');
    // Before the snapshot is taken, so that a rebuild cannot put other tables in their place meanwhile.
    const names = Object.values(TABLES).map(({ name }) => `read_model.${name}`);
    await client.query(`lock table ${names} in access share mode`);
    const { rows } = await client.query<{ position: Position; isComplete: boolean }>(
      `select position, position = version_position as "isComplete"
       from read_model.checkpoints where projection = 'sessions'`,
    );
    if (!rows[0]) return await close();
    const { position: checkpoint, isComplete } = rows[0];
    return { checkpoint, isComplete, rows: readRows, close: async () => void (await close()) };
  } catch (error) {
    await close();
    throw error;
  }

  async function close(): Promise<undefined> {
    await client.end();
    return undefined;
  }

  async function* readRows({ name, columns }: AuditedTable, order: readonly string[] = []): AsyncGenerator<Row> {
    const list = Object.entries(columns).map(([column, kind]) => `${READ[kind](column)} as ${column}`);
    const sorted = order.length > 0 ? `order by ${order}` : '';
    await client.query(`declare ${name} no scroll cursor for select ${list} from read_model.${name} ${sorted}`);
    for (;;) {
      const { rows } = await client.query<Row>(`fetch ${PAGE} from ${name}`);
      yield* rows;
      if (rows.length < PAGE) break;
    }
    await client.query(`close ${name}`);
  }
}

const READ = {
  text: (column: string) => `${column}::text`,
  number: (column: string) => `${column}::float8`,
  // As text it would have the form that the role prefers.
  date: (column: string) => `to_char(${column}, 'YYYY-MM-DD')`,
  time: (column: string) => `(1000 * extract(epoch from ${column}))::float8`,
};
