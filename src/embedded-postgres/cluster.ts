import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { Correctable } from '../correctable.js';
import { connectionSettings } from '../postgres/pool.js';
import type { Binaries } from './binaries.js';
import { complaintIn } from './complaint.js';
import { chooseRunAs, invocation, type RunAs } from './run-as.js';

const run = promisify(execFile);

/** The superuser of every cluster, who makes the service's role and database, and shuts the server down. */
export const SUPERUSER = 'postgres';

/** The part of a draft's name between the name of the cluster's directory and the random part. */
const DRAFT = '-initdb-';

/** A Postgres cluster on disk, with the programs, the user and the password to serve it. */
export interface Cluster {
  readonly binaries: Binaries;
  readonly runAs: RunAs;
  /** The directory with everything that belongs to the cluster. */
  readonly directory: string;
  /** The directory in it that Postgres calls its data directory. */
  readonly data: string;
  /** The superuser's password: random, and shared only with copies of this cluster. */
  readonly password: string;
}

/**
 * Opens the cluster in a directory whose parent exists, and makes it first if there is none. The directory appears
 * complete or not at all, whenever this process is killed. Processes that call it at the same moment open the same
 * cluster.
 */
export async function openCluster(binaries: Binaries, directory: string): Promise<Cluster> {
  const data = join(directory, 'data');
  const runAs = await chooseRunAs(binaries, dirname(directory), data);
  const password = (await readPassword(directory)) ?? (await makeCluster(binaries, runAs, directory));
  await handOver(directory, runAs);
  return { binaries, runAs, directory, data, password };
}

/** Whether there is a cluster in the directory. */
export async function hasCluster(directory: string): Promise<boolean> {
  return (await readPassword(directory)) !== undefined;
}

/** The URL of a database for the cluster's superuser, when the cluster is served at the port. */
export function clusterUrl({ password }: Cluster, port: number, database: string): string {
  // The server has no TLS. The URL says so, lest PGSSLMODE in the environment ask for it.
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}?sslmode=disable`;
}

/**
 * A client, yet to connect, of the database `postgres`, which nothing else uses. Connecting settles within 5 s and a
 * statement within 10.5 s.
 */
export function maintenanceClient(cluster: Cluster, port: number, name: string): pg.Client {
  const client = new pg.Client(connectionSettings(clusterUrl(cluster, port, 'postgres'), name, 5_000, 10_000));
  // The call under way rejects too; without a listener the event would end the process.
  client.on('error', () => {});
  return client;
}

/** Removes the drafts of processes that were killed, or were second, while they made this cluster. */
export async function removeDrafts({ directory }: Cluster): Promise<void> {
  const parent = dirname(directory);
  const drafts = (await readdir(parent)).filter((name) => name.startsWith(basename(directory) + DRAFT));
  // An initdb whose parent was killed may still write into its draft. The next start removes such a draft.
  await Promise.allSettled(drafts.map((name) => rm(join(parent, name), { recursive: true, maxRetries: 3 })));
}

async function makeCluster(binaries: Binaries, runAs: RunAs, directory: string): Promise<string> {
  const draft = await mkdtemp(directory + DRAFT);
  try {
    await writePassword(draft);
    await handOver(draft, runAs);
    const args = [
      `--pgdata=${join(draft, 'data')}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile(draft)}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // Text sorts by its bytes, so indices do not depend on the libraries of the machine.
      '--locale=C',
    ];
    await run(...invocation(runAs, binaries.initdb, args));
    await rename(draft, directory);
    await sync(dirname(directory));
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process may have made the cluster meanwhile. Then the rename fails, or initdb does because the other
    // process has removed this draft.
    if ((await readPassword(directory)) === undefined) throw initdbRefusal(error, directory);
  }
  return (await readPassword(directory))!;
}

function initdbRefusal(error: unknown, directory: string): unknown {
  const { stderr } = error as { stderr?: string };
  if (stderr === undefined) return error;
  return new Correctable(
    `PostgreSQL could not make its files in ${directory}: ${complaintIn(stderr)}. ` +
      'Correct that, or set DATA_DIR to another directory.',
    { cause: error },
  );
}

function passwordFile(directory: string): string {
  return join(directory, 'password');
}

async function readPassword(directory: string): Promise<string | undefined> {
  try {
    return (await readFile(passwordFile(directory), 'utf8')).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code !== 'EACCES') throw error;
    const advice =
      'Start the service as that user (as root, if root made the directory), or set DATA_DIR to another directory.';
    throw new Correctable(`${directory} belongs to another user. ${advice}`, { cause: error });
  }
}

async function writePassword(directory: string): Promise<void> {
  const file = await open(passwordFile(directory), 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(24).toString('base64url')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Gives a directory and all in it to the user who serves it, if another owns it: root owns the copies it makes. */
async function handOver(directory: string, { user }: RunAs): Promise<void> {
  if (!user || (await stat(directory)).uid === user.uid) return;
  await run('chown', ['-R', `${user.uid}:${user.gid}`, directory]);
}

/** Makes sure that the names in a directory survive a loss of power. */
async function sync(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
