import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildService, runService } from '../support/service-process.js';

let directory: string;

beforeAll(async () => {
  await buildService();
  directory = await mkdtemp(join(tmpdir(), 'scheduler-token-command-'));
});

afterAll(() => rm(directory, { recursive: true }));

const newPath = () => join(directory, `${randomUUID()}.json`);

/** Runs `scheduler token …` on a file, and tells both outputs apart. */
async function token(path: string, ...args: string[]) {
  const { code, output, errors } = await runService({ AUTH_TOKENS_FILE: path }, 'token', ...args);
  return { code, errors, output: output.replace(errors, '') };
}

describe('scheduler token', () => {
  const ROLES = ['--role', 'coach', '--role', 'analyst', '--coach', 'c-1'];

  test('makes a token, lists it and revokes it', async () => {
    const path = newPath();
    const created = await token(path, 'create', '--subject', 'anna', ...ROLES, '--expires', '12h');
    expect(created).toMatchObject({ code: 0, output: expect.stringMatching(/^scheduler_[\w-]{49}\n$/) });
    const [, id] = /^Token ([0-9a-f]{8}) for anna \(coach, analyst\) expires at 20\S+Z\. /.exec(created.errors) ?? [];

    const listed = await token(path, 'list');
    expect(listed).toMatchObject({ code: 0, errors: '' });
    expect(listed.output.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['ID', 'SUBJECT', 'ROLES', 'COACH', 'CLIENT', 'CREATED', 'EXPIRES', 'STATE'],
      [id, 'anna', 'coach,analyst', 'c-1', '-', expect.anything(), expect.anything(), 'active'],
      [''],
    ]);

    const revoked = await token(path, 'revoke', id!);
    expect(revoked).toMatchObject({ code: 0, output: expect.stringMatching(`^${id} anna revoked at 20\\S+Z\n$`) });
    expect(JSON.parse((await token(path, 'list', '--json')).output)).toEqual([
      {
        id,
        subject: 'anna',
        roles: ['coach', 'analyst'],
        coach_hash_id: 'c-1',
        ...{ created_at: expect.any(String), expires_at: expect.any(String), revoked_at: expect.any(String) },
        state: 'revoked',
      },
    ]);
    expect(await readFile(path, 'utf8')).not.toContain(created.output.trim());
  });

  test('revokes all tokens of a subject', async () => {
    const path = newPath();
    for (const subject of ['anna', 'otto', 'anna'])
      await token(path, 'create', '--subject', subject, '--role', 'admin');
    const { code, output } = await token(path, 'revoke', '--subject', 'anna');
    expect({ code, lines: output.trim().split('\n').length }).toEqual({ code: 0, lines: 2 });
    const { output: listed } = await token(path, 'list');
    expect(listed.match(/(anna|otto).*?(active|revoked)$/gm)?.map((line) => line.split(/ +/).at(-1))).toEqual([
      'revoked',
      'active',
      'revoked',
    ]);
  });

  test.each(['000', '777'])('makes a file of mode 0600, whatever the umask: %s', async (umask) => {
    const path = newPath();
    const script = `umask ${umask} && exec "$0" dist/src/cli.js token create --subject anna --role admin`;
    const env = { PATH: process.env['PATH'], AUTH_TOKENS_FILE: path };
    await promisify(execFile)('bash', ['-c', script, process.execPath], { env });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});

test('a mistake in the arguments is a sentence, and exit code 2', async () => {
  const { code, output, errors } = await token(newPath(), 'create', '--subject', 'anna', '--role', 'boss');
  expect({ code, output }).toEqual({ code: 2, output: '' });
  expect(errors).toBe('--role must be service, admin, analyst, coach or client; got boss\n');
});

test('without a file to work on there is a sentence, and exit code 1', async () => {
  expect(await token('', 'list')).toEqual({
    code: 1,
    output: '',
    errors: 'AUTH_TOKENS_FILE is not set. Let it name the file of the tokens, for the service as well.\n',
  });
});
