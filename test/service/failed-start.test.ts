import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../src/embedded-postgres/port.js';
import { createTestDatabase } from '../support/database.js';
import { buildService, type Ended, runService } from '../support/service-process.js';

beforeAll(buildService);

/** A directory for the data directories of all tests here. */
let place: string;
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'scheduler-failed-start-'));
  await chmod(place, 0o755);
});
afterAll(() => rm(place, { recursive: true }));

/** What makes root a user who may read everything, this clone too, and change nothing. */
const AS_NOBODY = [
  ...['--reuid=65534', '--regid=65534', '--clear-groups'],
  ...['--inh-caps=-all,+dac_read_search', '--ambient-caps=+dac_read_search', '--securebits=+no_setuid_fixup'],
];
const canBecomeNobody = process.getuid?.() === 0 && spawnSync('setpriv', [...AS_NOBODY, 'true']).status === 0;

/** A start that cannot succeed ends by itself, with one line on standard error, which is no stack. */
function expectSentence({ code, errors, ms }: Ended, ...parts: (string | RegExp)[]): void {
  expect(errors.trimEnd().split('\n')).toHaveLength(1);
  for (const part of parts) expect(errors).toMatch(part);
  expect(errors).not.toMatch(/^\s*at |Error:/m);
  expect(code).toBe(1);
  expect(ms).toBeLessThan(60_000);
}

/** Outputs that nobody reads, or that are closed or full. */
const UNREAD = ['2>&1 | head -c 1', '2>/dev/null | head -c 1', '>&- 2>&-', '>/dev/full 2>&1'];

describe('a data directory that cannot be', () => {
  const advice = 'Set DATA_DIR to a directory that the service may write to, or name a Postgres in EVENT_STORE_URL.';

  test.each([
    ['a file', async (path: string) => writeFile(path, ''), ''],
    ['below a file', async (path: string) => writeFile(path, ''), '/below'],
    [
      'in a directory of the system, where nothing can be made',
      async () => {},
      `/${'../'.repeat(20)}proc/scheduler-data`,
    ],
    ['of a name that is too long', async () => {}, `/${'x'.repeat(300)}`],
    [
      'a directory in which "postgres" is a file',
      async (path: string) => {
        await mkdir(path);
        await writeFile(join(path, 'postgres'), '');
      },
      '',
    ],
  ])('%s', async (_, make, below) => {
    const path = join(place, randomUUID());
    await make(path);
    const ended = await runService({ DATA_DIR: path + below }, 'start');
    expectSentence(ended, `DATA_DIR=${path}${below} cannot hold the data`, advice);
  });

  test('a directory of data that another major version made', async () => {
    const path = join(place, randomUUID());
    await mkdir(join(path, 'postgres/data'), { recursive: true });
    await writeFile(join(path, 'postgres/password'), 'secret\n', { mode: 0o600 });
    await writeFile(join(path, 'postgres/data/PG_VERSION'), '9.6\n');
    await chmod(join(path, 'postgres/data'), 0o700);
    const ended = await runService({ DATA_DIR: path }, 'start');
    expectSentence(ended, `PostgreSQL does not start on ${path}/postgres/data: `, 'set DATA_DIR to another directory');
  });

  // Root may write anywhere.
  describe.runIf(canBecomeNobody)('for a user who is not root', () => {
    async function startAsNobody(env: Record<string, string>): Promise<Ended> {
      const started = performance.now();
      const command = [...AS_NOBODY, process.execPath, 'dist/src/cli.js', 'start'];
      return new Promise((resolve) => {
        const settings = { PATH: process.env['PATH'], PORT: '0', GRPC_PORT: '0', ...env };
        execFile('setpriv', command, { env: settings }, (error, stdout, stderr) => {
          const code = error ? Number(error.code) : 0;
          resolve({ code, output: stdout + stderr, errors: stderr, ms: performance.now() - started });
        });
      });
    }

    test.each([
      ['cannot be made', '/below'],
      ['is there and closed', ''],
    ])('one that %s', async (_, below) => {
      const path = join(place, randomUUID());
      await mkdir(path, { mode: 0o755 });
      const ended = await startAsNobody({ DATA_DIR: path + below });
      expectSentence(ended, `DATA_DIR=${path}${below} cannot hold the data`, 'permission denied', advice);
    });
  });
});

describe('an address that cannot be listened at', () => {
  const anywhere = { ALLOW_UNAUTHENTICATED: 'true', EVENT_STORE_URL: 'postgres://x@127.0.0.1:1/x' };

  test.each([
    [
      'not-a-host.invalid',
      /^HOST=not-a-host\.invalid is a name without an address\. Set HOST to an address of this machine/,
    ],
    ['192.0.2.1', /^HOST=192\.0\.2\.1 is not an address of this machine\. Set HOST to one/],
    ['localhost:3000', /^HOST must be an IP address or a name, without a port/],
    ['http://localhost', /^HOST must be an IP address or a name, without a port/],
  ])('HOST=%s', async (HOST, sentence) => {
    expectSentence(await runService({ ...anywhere, HOST }, 'start'), sentence);
  });

  test('one port for two doors', async () => {
    const port = String(await freePort());
    const ended = await runService({ ...anywhere, PORT: port, GRPC_PORT: port }, 'start');
    expectSentence(ended, `PORT and GRPC_PORT are both ${port}: each door needs a port of its own.`);
  });
});

describe('a database that refuses', () => {
  /** A database, and a role of its own with a password. */
  async function databaseWithRole(): Promise<{ as: (role: string, password?: string) => string; role: string }> {
    const { url, drop } = await createTestDatabase();
    const role = `role_${randomUUID().slice(0, 8)}`;
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`create role ${role} login password 'right'`);
    onTestFinished(async () => {
      await client.query(`drop role ${role}`);
      await client.end();
      await drop();
    });
    return {
      role,
      as: (username, password = '') => Object.assign(new URL(url), { username, password }).href,
    };
  }

  test('an unknown role, and a wrong password', async () => {
    const { as, role } = await databaseWithRole();
    for (const url of [as('nobody_here', 'secret'), as(role, 'secret')]) {
      const ended = await runService({ EVENT_STORE_URL: url }, 'start');
      expectSentence(
        ended,
        /^EVENT_STORE_URL: PostgreSQL at 127\.0\.0\.1:\d+ refuses the role ".*": password/,
        'Correct the role',
      );
      expect(ended.output).not.toContain('secret');
    }
  });

  test('a password that the URL leaves out', async () => {
    const { as, role } = await databaseWithRole();
    expectSentence(
      await runService({ EVENT_STORE_URL: as(role) }, 'start'),
      /^EVENT_STORE_URL: .*password/,
      'Correct the URL',
    );
  });

  test('a role that may not create', async () => {
    const { as, role } = await databaseWithRole();
    const ended = await runService({ EVENT_STORE_URL: as(role, 'right') }, 'start');
    expectSentence(ended, `EVENT_STORE_URL: the role "${role}" lacks a right`, 'GRANT CREATE ON DATABASE');
  });

  test('a role that may not create the read model', async () => {
    const { as, role } = await databaseWithRole();
    const { url, drop } = await createTestDatabase();
    onTestFinished(drop);
    const ended = await runService({ EVENT_STORE_URL: url, READ_MODEL_URL: as(role, 'right') }, 'start');
    expectSentence(ended, `READ_MODEL_URL: the role "${role}" lacks a right`);
  });

  test.each(['start', 'rebuild sessions', 'copy-events --to postgres://x@127.0.0.1:1/x'])(
    'a database that does not exist: %s',
    async (command) => {
      const { as, role } = await databaseWithRole();
      const url = new URL(as(role, 'right'));
      url.pathname = '/nowhere';
      const ended = await runService({ EVENT_STORE_URL: url.href }, ...command.split(' '));
      expectSentence(ended, /^EVENT_STORE_URL: PostgreSQL at .* has no database "nowhere"/, 'Create it');
    },
  );

  test('a command does not wait for a database that does not answer', async () => {
    const ended = await runService(
      { EVENT_STORE_URL: `postgres://x@127.0.0.1:${await freePort()}/x` },
      'rebuild',
      'sessions',
    );
    expectSentence(ended, /^EVENT_STORE_URL: 127\.0\.0\.1:\d+ does not answer: .*ECONNREFUSED/, 'Start the database');
  });

  test.each([
    ['TLS that the server does not have', 'sslmode=require'],
    ['a file of certificates that is not there', 'sslmode=verify-full&sslrootcert=/nowhere.pem'],
  ])('%s', async (_, query) => {
    const { as, role } = await databaseWithRole();
    const url = new URL(as(role, 'right'));
    url.search = query;
    expectSentence(
      await runService({ EVENT_STORE_URL: url.href, NODE_NO_WARNINGS: '1' }, 'start'),
      /^EVENT_STORE_URL: PostgreSQL at/,
      'Correct the URL',
    );
  });
});

test.each(['json', 'pretty'].flatMap((format) => UNREAD.map((redirection) => [format, redirection] as const)))(
  'a start that fails ends also when nobody reads what it writes: %s %s',
  async (LOG_FORMAT, redirection) => {
    const port = String(await freePort());
    const script = `{ { "$0" dist/src/cli.js start; echo "$?" >&9; } ${redirection}; } 9>&1`;
    // The log has a line before the start fails.
    const env = { PATH: process.env['PATH'], HOST: '192.0.2.1', ALLOW_UNAUTHENTICATED: 'true', LOG_FORMAT };
    const urls = { EVENT_STORE_URL: 'postgres://x@127.0.0.1:1/x', PORT: port };
    const options = { env: { ...env, ...urls }, timeout: 60_000, killSignal: 'SIGKILL' } as const;
    const written = await new Promise<string>((resolve, reject) => {
      execFile('bash', ['-c', script, process.execPath], options, (error, stdout) =>
        error ? reject(error) : resolve(stdout),
      );
    });
    expect(written.trim().at(-1)).toBe('1');
  },
);
