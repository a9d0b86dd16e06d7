import { execFile, type SpawnOptions } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { Correctable } from '../correctable.js';
import { pause } from '../waiting.js';
import type { Binaries } from './binaries.js';

const run = promisify(execFile);

/** The name of the user that serves a cluster for root. */
const USER = 'postgres';

/** A user of the operating system, by its numbers. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** The user who runs the PostgreSQL programs. Without `user`: the user of this process. */
export interface RunAs {
  readonly user?: SystemUser;
  /** The one capability that lets the user reach files below directories that are closed to it. */
  readonly capability?: Capability;
}

// Either opens every directory. The first allows less; the second is what containers usually have.
const CAPABILITIES = ['dac_read_search', 'dac_override'] as const;
type Capability = (typeof CAPABILITIES)[number];

/**
 * Chooses who runs the PostgreSQL programs on the data below a directory, which must exist: the user of this process.
 * Postgres refuses to run as root, so for root it is the owner of `data`, or else the user `postgres`, created if
 * missing. If a closed directory keeps that user from the programs or the data, the user gets a capability that opens
 * it. Throws `Correctable` when there is no way.
 */
export async function chooseRunAs(binaries: Binaries, directory: string, data: string): Promise<RunAs> {
  if (process.getuid?.() !== 0) return {};
  const user = (await ownerOf(data)) ?? (await databaseUser());
  const ways: RunAs[] = [{ user }, ...CAPABILITIES.map((capability) => ({ user, capability }))];
  for (const way of ways) if (await canReach(way, binaries.postgres, directory)) return way;
  throw new Correctable(
    `Postgres does not run as root, and user ${user.uid} cannot reach ${binaries.postgres} or ${directory}. ` +
      'Run the service as a user other than root, or open the directories above for all (chmod o+x).',
  );
}

/** The arguments for `spawn` or `execFile` that run a program as chosen, without our directory and environment. */
export function invocation(
  { user, capability }: RunAs,
  program: string,
  args: readonly string[],
): [file: string, args: string[], options: SpawnOptions] {
  const options = {
    // The user may be unable to enter our directory.
    cwd: '/',
    // Our environment may hold secrets and PG* variables. English messages can be recognised, and UTC is the same
    // everywhere.
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
  };
  if (!user) return [program, [...args], options];
  if (!capability) return [program, [...args], { ...options, ...user }];
  const become = [
    ...['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups'],
    ...['--inh-caps', `-all,+${capability}`, '--ambient-caps', `+${capability}`],
    // Without it, access(2), by which the programs look for each other, ignores the capabilities of all but root.
    ...['--securebits', '+no_setuid_fixup'],
  ];
  return ['setpriv', [...become, program, ...args], options];
}

async function canReach(way: RunAs, program: string, directory: string): Promise<boolean> {
  try {
    await run(...invocation(way, '/bin/sh', ['-c', 'test -x "$1" && test -x "$2"', 'sh', program, directory]));
    return true;
  } catch {
    return false;
  }
}

async function ownerOf(path: string): Promise<SystemUser | undefined> {
  const { uid, gid } = await stat(path).catch(() => ({ uid: 0, gid: 0 }));
  return uid === 0 ? undefined : { uid, gid };
}

async function databaseUser(): Promise<SystemUser> {
  let failure: unknown;
  // Repeated, since another process may be creating the user at this moment: then useradd fails on its lock.
  for (let attempt = 0; attempt < 10; attempt++) {
    const user = await findUser();
    if (user) return user;
    try {
      await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', USER]);
    } catch (error) {
      failure = error;
      await pause(100);
    }
  }
  throw new Correctable(
    `Postgres does not run as root, and the user ${USER} could not be created for it. ` +
      `Create a system user named ${USER}, or run the service as a user other than root.`,
    { cause: failure },
  );
}

async function findUser(): Promise<SystemUser | undefined> {
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, USER])).stdout)),
    );
    return { uid: uid!, gid: gid! };
  } catch {
    return undefined;
  }
}
