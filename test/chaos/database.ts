import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { findBinaries } from '../../src/embedded-postgres/binaries.js';
import { clusterUrl, openCluster } from '../../src/embedded-postgres/cluster.js';
import { freePort } from '../../src/embedded-postgres/port.js';
import { bringUp, startPostmaster } from '../../src/embedded-postgres/start-and-stop.js';
import { pause } from '../../src/waiting.js';

const run = promisify(execFile);

/** A real PostgreSQL with a disk of its own, which can be killed, filled and made read-only. */
export interface ChaosDatabase {
  readonly port: number;
  /** A directory on the machine's own disk, for logs. */
  readonly directory: string;
  /** The URL of the database `scheduler`. @param port where it is reached, such as that of a link */
  urlAt(port: number): string;
  /** Whether its disk can be filled: this needs a file system that this process may mount. */
  readonly canFill: boolean;
  kill(): void;
  /** Starts it again if it has ended, and resolves when it accepts logins. */
  bringUp(): Promise<void>;
  /** Leaves no space on its disk. */
  fill(): Promise<void>;
  /** Frees the space. */
  empty(): Promise<void>;
  /** Lets it take no writes from connections, old and new, or lets it take them again. */
  setReadOnly(readOnly: boolean): Promise<void>;
  /** Ends all other connections. */
  endBackends(): Promise<void>;
  remove(): Promise<void>;
}

const SIZE = '1500m';
const SETTINGS = ['max_connections=250', 'max_wal_size=96MB', 'min_wal_size=32MB', 'wal_recycle=off'];

/** Waits until its input ends, however this process ends; then ends Postgres and removes its files. */
const REMOVE = `
  cat
  kill -QUIT $(head -n 1 "$1/disk/postgres/data/postmaster.pid") 2>/dev/null
  for try in 1 2 3 4 5 6 7 8 9; do
    umount "$1/disk" 2>/dev/null
    mountpoint -q "$1/disk" || { rm -rf "$1/disk" && exit; }
    sleep 0.3
  done
  umount -l "$1/disk"; rm -rf "$1/disk"`;

/** Starts a PostgreSQL with an empty database. */
export async function startDatabase(): Promise<ChaosDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'scheduler-chaos-'));
  const disk = join(directory, 'disk');
  await mkdir(disk);
  await chmod(directory, 0o755);
  const canFill = await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=755`, 'tmpfs', disk]).then(
    () => true,
    () => false,
  );
  const remover = spawn('sh', ['-c', REMOVE, 'sh', directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });

  const cluster = await openCluster(await findBinaries(), join(disk, 'postgres'));
  const port = await freePort();
  const never = new AbortController().signal;
  const started = await startPostmaster(cluster, port, never, SETTINGS);
  if (started === 'in use') throw new Error(`somebody uses the new directory ${directory}`);
  let { pid } = started;
  const maintenance = clusterUrl(cluster, port, 'postgres');
  await query(maintenance, 'create database scheduler');
  // Later starts are those of the service's own supervision, which knows no such settings.
  for (const setting of SETTINGS) {
    const [name, value] = setting.split('=');
    await query(maintenance, `alter system set ${name} = '${value}'`);
  }
  const ballast = join(disk, 'ballast');

  async function up(): Promise<void> {
    const { postmaster } = await bringUp(cluster, never, port);
    pid = postmaster.pid;
  }

  return {
    port,
    directory,
    canFill,
    urlAt: (at) => clusterUrl(cluster, at, 'scheduler'),
    kill() {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Another fault has ended it already, such as a full disk.
      }
    },
    bringUp: up,
    async fill() {
      const file = await open(ballast, 'w');
      try {
        const { bavail, bsize } = await statfs(disk);
        const chunk = Buffer.alloc(1024 * 1024);
        for (let left = bavail * bsize; left > 0; left -= chunk.length) await file.write(chunk);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        await file.close();
      }
    },
    async empty() {
      await rm(ballast, { force: true });
      await up();
    },
    async setReadOnly(readOnly) {
      await queryUntilAnswered(
        maintenance,
        'set default_transaction_read_only = off',
        `alter system set default_transaction_read_only = ${readOnly ? 'on' : 'off'}`,
        'select pg_reload_conf()',
      );
    },
    async endBackends() {
      await query(
        maintenance,
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'scheduler' and pid <> pg_backend_pid()",
      );
    },
    async remove() {
      const removed = once(remover, 'exit');
      remover.stdin.end();
      await removed;
    },
  };
}

/** Runs statements on a connection of their own. */
async function query(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000, query_timeout: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end().catch(() => {});
  }
}

/** As `query`, again and again while Postgres recovers. */
async function queryUntilAnswered(url: string, ...statements: string[]): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await query(url, ...statements);
    } catch (error) {
      if (attempt === 100) throw error;
      await pause(100);
    }
  }
}
