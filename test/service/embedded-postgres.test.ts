import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { runningDatabaseUrl, startEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres.js';
import { DataDirectoryInUse } from '../../src/embedded-postgres/ownership.js';
import { isRunning } from '../../src/embedded-postgres/postmaster.js';
import { cloneService, compileService } from '../support/embedded-service.js';
import { copyDirectory, postmasterPid, query, useStage } from '../support/embedded-stage.js';

const { newDirectory, start, startService } = useStage();

/** How long a busy machine may take for something quick, and how often to look, in milliseconds. */
const SOON = { timeout: 30_000, interval: 20 };

/** A script that runs a service: see embedded-owner.ts. */
let script: string;

/** A data directory, shut down properly, that no test may touch. Tests copy it, which is a second faster. */
let sample: string;

beforeAll(async () => {
  const compiled = await compileService();
  script = compiled.script;
  sample = await mkdtemp(join(tmpdir(), 'scheduler-embedded-sample-'));
  const postgres = await startEmbeddedPostgres({ dataDir: sample, log: pino({ level: 'silent' }) });
  await query(postgres.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await postgres.stop();
  return async () => {
    await compiled.remove();
    await rm(sample, { recursive: true });
  };
});

/** A data directory, shut down properly, with a row committed. */
async function usedDirectory(): Promise<string> {
  const directory = await newDirectory();
  await copyDirectory(sample, directory);
  return directory;
}

/** The query that finds the statement that keeps a server busy. */
const RUNNING = "SELECT FROM pg_stat_activity WHERE query LIKE '%generate_series%' AND pid <> pg_backend_pid()";

/** The committed row, as soon as Postgres serves it. */
function keptRow(url: string): Promise<unknown> {
  return vi.waitFor(async () => (await query(url, 'SELECT answer FROM kept')).rows[0], SOON);
}

async function kill(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await vi.waitUntil(async () => !(await isRunning(pid)), SOON);
}

/** Listens at a port until the test has ended. */
async function occupy(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
}

/** Runs a process of the user who owns a file, until the test has ended. */
async function runBystander(file: string): Promise<number> {
  const { uid, gid } = await stat(file);
  const bystander = spawn('sleep', ['60'], { uid, gid, stdio: 'ignore' });
  onTestFinished(() => void bystander.kill());
  await once(bystander, 'spawn');
  return bystander.pid!;
}

/** A log that keeps its messages. */
function recordingLog() {
  const messages: string[] = [];
  return { messages, log: pino({ level: 'info' }, { write: (line) => messages.push(JSON.parse(line).msg) }) };
}

/** Kills a start as soon as there is something in its directory. */
async function startAndKill(dataDir: string): Promise<void> {
  const killed = spawn(process.execPath, [script, dataDir], { detached: true });
  const exited = once(killed, 'exit');
  try {
    await vi.waitUntil(async () => (await readdir(dataDir)).length > 0, { ...SOON, interval: 1 });
  } finally {
    // The whole process group: initdb too.
    process.kill(-killed.pid!, 'SIGKILL');
  }
  await exited;
}

describe('a start on an empty directory', () => {
  test('gives a database whose commits are on disk before they are acknowledged', async () => {
    const dataDir = join(await newDirectory(), '.data');
    const { takeover } = await start(dataDir);
    const { rows } = await query(
      await runningDatabaseUrl(dataDir, new AbortController().signal, 'superuser'),
      `SELECT current_database(), current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
              current_setting('data_checksums') AS checksums, current_setting('server_encoding') AS encoding,
              current_setting('listen_addresses') AS addresses, current_setting('unix_socket_directories') AS sockets`,
    );
    expect(rows).toEqual([
      {
        current_database: 'scheduler',
        fsync: 'on',
        commit: 'on',
        checksums: 'on',
        encoding: 'UTF8',
        addresses: '127.0.0.1',
        sockets: '',
      },
    ]);
    expect(takeover).toBeUndefined();
  });

  test('succeeds after a start that was killed while it made the cluster', async () => {
    let dataDir: string;
    do {
      dataDir = await newDirectory();
      await startAndKill(dataDir);
      // A busy machine may kill it too late.
    } while ((await readdir(dataDir)).includes('postgres'));

    const { url } = await start(dataDir);
    expect((await query(url, 'SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect(await readdir(dataDir)).toEqual(['postgres']);
  });

  test('has one winner when two processes start at once', async () => {
    const dataDir = await newDirectory();
    const starts = await Promise.allSettled([start(dataDir), start(dataDir)]);
    expect(starts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    for (const result of starts) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(DataDirectoryInUse);
      else expect((await query(result.value.url, 'SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    }
  });
});

describe('a start on data that is there', () => {
  test('finds it at the same address', async () => {
    const dataDir = await usedDirectory();
    const first = await start(dataDir);
    await first.stop();
    const second = await start(dataDir);
    expect(await keptRow(second.url)).toEqual({ answer: 42 });
    expect(second.url).toBe(first.url);
    expect(second.takeover).toBeUndefined();
  });

  test('waits for a stop that is under way', async () => {
    const dataDir = await usedDirectory();
    const first = await start(dataDir);
    const stopped = first.stop();
    const second = await start(dataDir);
    await stopped;
    expect(await keptRow(second.url)).toEqual({ answer: 42 });
    expect(second.url).toBe(first.url);
  });

  test('keeps the password from other users, and others without it out', async () => {
    const dataDir = await usedDirectory();
    const { url } = await start(dataDir);
    expect((await stat(join(dataDir, 'postgres/password'))).mode & 0o777).toBe(0o600);
    await expect(query(url.replace(/:[^:@]+@/, ':guess@'), 'SELECT 1')).rejects.toThrow(
      'password authentication failed',
    );
  });

  test('moves to another port when its own is taken', async () => {
    const dataDir = await usedDirectory();
    const first = await start(dataDir);
    await first.stop();
    await occupy(Number(new URL(first.url).port));
    const second = await start(dataDir);
    expect(await keptRow(second.url)).toEqual({ answer: 42 });
    expect(second.url).not.toBe(first.url);
  });
});

describe('a start after the service was killed', () => {
  test('takes over the Postgres that still runs, and says so', async () => {
    const dataDir = await usedDirectory();
    const service = await startService(script, dataDir);
    const pid = await postmasterPid(dataDir);
    await service.kill();

    const { url, takeover } = await start(dataDir);
    expect(await keptRow(url)).toEqual({ answer: 42 });
    expect(url).toBe(service.url);
    expect(await postmasterPid(dataDir)).toBe(pid);
    expect(takeover).toContain(`left running on ${dataDir}`);
  });

  test('starts Postgres again when that was killed too, and says so', async () => {
    const dataDir = await usedDirectory();
    const service = await startService(script, dataDir);
    await service.kill();
    await kill(await postmasterPid(dataDir));

    const { url, takeover } = await start(dataDir);
    expect(await keptRow(url)).toEqual({ answer: 42 });
    expect(url).toBe(service.url);
    expect(takeover).toContain('had not been shut down');
  });

  test('waits for what a killed Postgres still runs', async () => {
    const dataDir = await usedDirectory();
    const service = await startService(script, dataDir);
    // Busy for a second, in which it does not notice that its postmaster has ended.
    let isSeen = false;
    const busy = (async () => {
      // Again, when a busy machine looks too late.
      while (!isSeen) await query(service.url, 'SELECT count(*) FROM generate_series(1, 6000000)').catch(() => {});
    })();
    await vi
      .waitUntil(async () => (await query(service.url, RUNNING)).rows.length === 1, SOON)
      .finally(() => {
        isSeen = true;
      });
    await service.kill();
    await kill(await postmasterPid(dataDir));

    expect(await keptRow((await start(dataDir)).url)).toEqual({ answer: 42 });
    await busy;
  });

  test('is not misled by a process that has the number of the killed postmaster', async () => {
    const dataDir = await usedDirectory();
    const service = await startService(script, dataDir);
    await service.kill();
    const pid = await postmasterPid(dataDir);
    await kill(pid);
    const bystander = await runBystander(join(dataDir, 'postgres/data'));
    const file = join(dataDir, 'postgres/data/postmaster.pid');
    await writeFile(file, (await readFile(file, 'utf8')).replace(String(pid), String(bystander)));

    const { url } = await start(dataDir);
    expect(await keptRow(url)).toEqual({ answer: 42 });
    expect(await isRunning(bystander)).toBe(true);
  });

  test('is not misled by a copy of a directory in use', async () => {
    const original = await usedDirectory();
    const first = await start(original);
    const copy = await newDirectory();
    await copyDirectory(original, copy);

    const second = await start(copy);
    expect(new URL(second.url).port).not.toBe(new URL(first.url).port);
    expect(await keptRow(second.url)).toEqual({ answer: 42 });
  });
});

describe('while the service runs', () => {
  test('Postgres is started again at the same address when it is killed', async () => {
    const dataDir = await usedDirectory();
    const { log, messages } = recordingLog();
    const { url } = await start(dataDir, log);
    await kill(await postmasterPid(dataDir));
    expect(await keptRow(url)).toEqual({ answer: 42 });
    await vi.waitUntil(() => messages.length === 2, SOON);
    expect(messages).toEqual(['Postgres has ended unexpectedly; starting it again', 'Postgres is back']);
  });

  test('a Postgres that was taken over is started again too', async () => {
    const dataDir = await usedDirectory();
    const service = await startService(script, dataDir);
    await service.kill();
    const { url } = await start(dataDir);
    await kill(await postmasterPid(dataDir));
    expect(await keptRow(url)).toEqual({ answer: 42 });
  });

  test('a second one is refused and leaves the first alone', async () => {
    const dataDir = await usedDirectory();
    const service = await startService(script, dataDir);
    const pid = await postmasterPid(dataDir);
    const refusal = start(dataDir);
    await expect(refusal).rejects.toBeInstanceOf(DataDirectoryInUse);
    await expect(refusal).rejects.toThrow(
      `The data directory ${dataDir} is in use by a running service (session-scheduler, process ${service.pid}).`,
    );
    expect(await postmasterPid(dataDir)).toBe(pid);
    expect(await keptRow(service.url)).toEqual({ answer: 42 });
  });

  test('a second one is refused also after Postgres was killed and started again', async () => {
    const dataDir = await usedDirectory();
    const { log, messages } = recordingLog();
    await start(dataDir, log);
    await kill(await postmasterPid(dataDir));
    await vi.waitUntil(() => messages.includes('Postgres is back'), SOON);
    await expect(start(dataDir)).rejects.toBeInstanceOf(DataDirectoryInUse);
  });

  test('Postgres gets no signal from the terminal', async () => {
    const dataDir = await usedDirectory();
    const service = await startService(script, dataDir);
    const pid = await postmasterPid(dataDir);
    process.kill(-service.pid, 'SIGINT');
    expect(await keptRow(service.url)).toEqual({ answer: 42 });
    expect(await postmasterPid(dataDir)).toBe(pid);
  });
});

describe('stop', () => {
  test('shuts Postgres down and leaves nothing that keeps the process alive', async () => {
    const dataDir = await usedDirectory();
    const service = await startService(script, dataDir);
    const pid = await postmasterPid(dataDir);
    expect(await service.stop()).toBe(0);
    expect(await isRunning(pid)).toBe(false);
    expect(await readdir(join(dataDir, 'postgres/data'))).not.toContain('postmaster.pid');
  });

  test('ends a restart that is under way', async () => {
    const dataDir = await usedDirectory();
    const { stop, url } = await start(dataDir);
    await kill(await postmasterPid(dataDir));
    await stop();
    await expect(query(url, 'SELECT')).rejects.toThrow('ECONNREFUSED');
  });
});

// Only for root does another user run Postgres, whom closed directories may keep out.
describe.runIf(process.getuid?.() === 0)('for root', () => {
  test('Postgres runs as another user', async () => {
    const dataDir = await usedDirectory();
    await start(dataDir);
    expect((await stat(join(dataDir, 'postgres/data/postmaster.pid'))).uid).not.toBe(0);
  });

  test('Postgres runs in a clone that is closed to every other user', async () => {
    const clone = await newDirectory();
    const cloned = await cloneService(script, clone);
    await chmod(clone, 0o700);
    const service = await startService(cloned, join(clone, '.data'));
    expect((await query(service.url, 'SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });
});
