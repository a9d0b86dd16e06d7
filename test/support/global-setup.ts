import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { findBinaries } from '../../src/embedded-postgres/binaries.js';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

const run = promisify(execFile);

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { initdb, postgres } = await findBinaries();
  const directory = await mkdtemp(join(tmpdir(), 'scheduler-test-'));
  const data = join(directory, 'data');
  const { prefix, owner } = await identity();
  if (owner) await chown(directory, owner.uid, owner.gid);
  await chmod(directory, 0o700);
  await run(
    ...command(prefix, initdb, [
      `--pgdata=${data}`,
      '--username=postgres',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ]),
    { cwd: '/' },
  );
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'max_connections=300'];
  const [file, args] = command(prefix, postgres, [
    '-D',
    data,
    '-p',
    String(port),
    ...settings.flatMap((s) => ['-c', s]),
  ]);
  const child = spawn(file, args, { cwd: '/', stdio: ['ignore', 'ignore', 'inherit'], detached: true });
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await answers(url, child);
  project.provide('postgresUrl', url);

  return async () => {
    const exited = once(child, 'exit');
    child.kill('SIGINT');
    await exited;
    await rm(directory, { recursive: true, force: true });
  };
}

function command(prefix: string[], file: string, args: string[]): [string, string[]] {
  const [first, ...rest] = [...prefix, file, ...args];
  return [first!, rest];
}

async function identity(): Promise<{ prefix: string[]; owner?: { uid: number; gid: number } }> {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  const owner = { uid: await id('-u'), gid: await id('-g') };
  const caps = ['--inh-caps', '+dac_read_search', '--ambient-caps', '+dac_read_search'];
  return { prefix: ['setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--clear-groups', ...caps], owner };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await sleep(20);
    }
  }
  throw new Error('the test Postgres ended while starting');
}
