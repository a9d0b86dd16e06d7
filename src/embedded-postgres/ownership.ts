import { dirname } from 'node:path';
import type pg from 'pg';
import { Correctable } from '../correctable.js';
import { type Cluster, maintenanceClient } from './cluster.js';
import type { Postmaster } from './postmaster.js';

/** Another running service owns the data directory. The directory was left untouched. */
export class DataDirectoryInUse extends Correctable {
  override readonly name = 'DataDirectoryInUse';

  /** @param owner the name of the process that owns it, if known */
  constructor(
    readonly directory: string,
    owner: string | undefined,
  ) {
    super(
      `The data directory ${directory} is in use by a running service${owner ? ` (${owner})` : ''}. ` +
        'Stop that service first, or set DATA_DIR to another directory.',
    );
  }
}

/** The right to start and stop a cluster's postmaster. It ends with this process, or with the postmaster. */
export interface Ownership {
  /** Resolves when the ownership has ended. Never rejects. */
  readonly lost: Promise<void>;
  /** Ends the ownership. Never rejects. */
  release(): Promise<void>;
}

/** The key of the lock. Nothing else takes locks in the database `postgres`, so any number will do. */
const KEY = 1;

/** The name of an owner's connection, before the process number. */
const NAME = 'session-scheduler, process ';

/** The SQLSTATE for a lock that was not free in time. */
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Claims a cluster by a lock that Postgres keeps as long as the connection lives. Throws `DataDirectoryInUse` when
 * another process has the lock, and what `pg` throws when Postgres goes down.
 */
export async function claim(cluster: Cluster, { port }: Postmaster): Promise<Ownership> {
  const client = maintenanceClient(cluster, port, NAME + process.pid);
  const lost = new Promise<void>((resolve) => client.once('end', resolve));
  try {
    await client.connect();
    // The connection of an owner that was killed a moment ago may need this second to end.
    await client.query("SET lock_timeout = '1s'");
    await client.query('SELECT pg_advisory_lock($1)', [KEY]);
    return { lost, release: () => client.end() };
  } catch (error) {
    const refused = (error as { code?: string }).code === LOCK_NOT_AVAILABLE;
    const owner = refused ? await findOwner(client).catch(() => undefined) : undefined;
    await client.end();
    throw refused ? new DataDirectoryInUse(dirname(cluster.directory), owner) : error;
  }
}

async function findOwner(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT application_name AS name FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND granted AND pg_stat_activity.datname = current_database()`,
  );
  return rows[0]?.name;
}
