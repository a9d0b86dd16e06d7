import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { query } from '../support/embedded-stage.js';
import { buildService, runService, startServiceProcess } from '../support/service-process.js';

beforeAll(buildService);

test.each(['--version', '-v', 'version'])('%s prints the versions of the service and of Node', async (flag) => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8'));
  expect(await runService({}, flag)).toMatchObject({
    code: 0,
    errors: '',
    output: `session-scheduler ${version}\nNode ${process.versions.node}\n`,
  });
});

test.each([
  ['', 'There is no command .'],
  ['strat', 'There is no command strat.'],
  ['start --port 3000', 'start takes no arguments, but got --port 3000.'],
  ['rebuild sessions now', 'rebuild takes one projection, but got sessions now.'],
  ['url --superusr', 'url takes --superuser, but got --superusr.'],
])('"%s": what is wrong, how it is used, and exit code 2', async (command, mistake) => {
  const { code, errors } = await runService({}, ...command.split(' '));
  expect(errors.split('\n').slice(0, 3)).toEqual([mistake, '', 'Usage: scheduler <command>']);
  expect(code).toBe(2);
});

test.each(['rebuild sessions', 'copy-events --to postgres://x@127.0.0.1:1/x', 'start'])(
  '%s warns of a misspelt setting',
  async (command) => {
    const nowhere = { EVENT_STORE_URL: 'postgres://x:y@127.0.0.1:1/x?sslmode=verify-full&sslrootcert=/nowhere' };
    const { output } = await runService({ ...nowhere, PROT: '3' }, ...command.split(' '));
    expect(output).toContain('PROT is not a setting and has no effect; did you mean PORT?');
  },
);

describe('the way to the database', () => {
  async function emptyDirectory(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'scheduler-commands-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    await chmod(directory, 0o755);
    return directory;
  }

  test('url prints the URL of the embedded PostgreSQL that runs, and psql gets it without the password', async () => {
    const DATA_DIR = await emptyDirectory();
    const service = await startServiceProcess({ DATA_DIR });
    onTestFinished(async () => void (await service.end('SIGTERM')));

    const users = ['scheduler', 'postgres'];
    for (const [nr, args] of [[], ['--superuser']].entries()) {
      const { code, output } = await runService({ DATA_DIR }, 'url', ...args);
      expect(code).toBe(0);
      expect((await query(output.trim(), 'select current_user')).rows).toEqual([{ current_user: users[nr] }]);
    }

    const programs = await emptyDirectory();
    const PATH = `${programs}:${process.env['PATH']}`;
    await writeFile(join(programs, 'psql'), '#!/bin/sh\necho "$@"; echo "$PGPASSWORD"; exit 7\n', { mode: 0o755 });
    const { code, output } = await runService({ DATA_DIR, PATH }, 'psql', '-c', 'select 1');
    const [words, password] = output.split('\n');
    expect(words).toMatch(/^--dbname postgres:\/\/scheduler@127\.0\.0\.1:\d+\/scheduler\?sslmode=disable -c select 1$/);
    expect(password).toHaveLength(43);
    expect(code).toBe(7);
  });

  test('without psql: a sentence', async () => {
    const READ_MODEL_URL = 'postgres://me:secret@db/scheduler';
    // A directory without programs: node is called by its path.
    const { code, errors } = await runService({ READ_MODEL_URL, PATH: await emptyDirectory() }, 'psql');
    expect(errors).toMatch(/^psql is not installed\. Install it .*`npx scheduler url` prints\.\n$/);
    expect(code).toBe(1);
  });

  test('without a service that runs: a sentence', async () => {
    const DATA_DIR = await emptyDirectory();
    const { code, errors } = await runService({ DATA_DIR }, 'url');
    expect(errors).toBe(
      `No embedded PostgreSQL runs on DATA_DIR=${DATA_DIR}. Start the service first: it runs as long as the service.\n`,
    );
    expect(code).toBe(1);
  });

  test('with a database that the settings name: its URL, and no superuser', async () => {
    const READ_MODEL_URL = 'postgres://me:secret@db/scheduler';
    expect(await runService({ READ_MODEL_URL }, 'url')).toMatchObject({ code: 0, output: `${READ_MODEL_URL}\n` });
    const { code, errors } = await runService({ READ_MODEL_URL }, 'url', '--superuser');
    expect(errors).toMatch(/^--superuser is for the embedded PostgreSQL; READ_MODEL_URL names another\..*\n$/);
    expect(code).toBe(1);
  });
});
