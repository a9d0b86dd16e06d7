import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { readTokens } from '../../../src/authentication/tokens/read-tokens.js';
import { formatTokens } from '../../../src/authentication/tokens/tokens-file.js';
import { Correctable } from '../../../src/correctable.js';
import { fileWith, newPath, storedToken } from './samples.js';

/** What a file is refused with, without the name of the setting. */
async function refusal(path: string): Promise<string> {
  const error = await readTokens(path).catch((error: Error) => error);
  if (!(error instanceof Correctable)) throw new Error('not refused', { cause: error });
  expect(error.message.split('\n')).toHaveLength(1);
  const setting = `AUTH_TOKENS_FILE=${path} `;
  expect(error.message.startsWith(setting)).toBe(true);
  return error.message.slice(setting.length);
}

test('what is written is read', async () => {
  const tokens = [
    storedToken({ id: 'a', roles: ['service', 'admin'] }),
    storedToken({ id: 'b', digest: `sha256:${'1'.repeat(64)}`, roles: ['coach'], coach_hash_id: 'auth0|1f' }),
    storedToken({ id: 'c', digest: `sha256:${'2'.repeat(64)}`, revoked_at: '2030-03-01T00:00:00Z' }),
  ];
  expect(await readTokens(await fileWith(formatTokens(tokens)))).toMatchObject({ tokens });
});

test('content that is the same is not parsed again', async () => {
  const path = await fileWith(formatTokens([storedToken()]));
  const before = await readTokens(path);
  expect((await readTokens(path, before)).tokens).toBe(before.tokens);
  await writeFile(path, formatTokens([]));
  expect((await readTokens(path, before)).tokens).toEqual([]);
});

test('the file is JSON that people can read', () => {
  expect(formatTokens([storedToken()]).split('\n').slice(0, 5)).toEqual([
    '{',
    '  "version": 1,',
    '  "tokens": [',
    '    {',
    '      "id": "a1",',
  ]);
});

describe('a malformed file is refused, with the place and the rule:', () => {
  const withToken = (fields: object) => JSON.stringify({ version: 1, tokens: [{ ...storedToken(), ...fields }] });

  test.each([
    ['nothing', '', 'it must be JSON'],
    ['half a file', formatTokens([storedToken()]).slice(0, 99), 'it must be JSON'],
    ['a later version', '{"version":2,"tokens":[]}', 'version must be 1, the only version that this release knows'],
    ['no list', '{"version":1,"tokens":{}}', 'tokens must be a list'],
    ['no subject', withToken({ subject: '' }), 'tokens[0].subject is required'],
    ['a line break', withToken({ subject: 'a\nb' }), 'tokens[0].subject must be 1 to 256 printable ASCII characters'],
    [
      'no role',
      withToken({ roles: [] }),
      'tokens[0].roles must name at least one of service, admin, analyst, coach or client',
    ],
    [
      'an unknown role',
      withToken({ roles: ['admin', 'root'] }),
      'tokens[0].roles[1] must be service, admin, analyst, coach or client',
    ],
    ['a coach without an id', withToken({ roles: ['coach'] }), 'tokens[0].coach_hash_id is required by the role coach'],
    [
      'a client without an id',
      withToken({ roles: ['client'] }),
      'tokens[0].client_hash_id is required by the role client',
    ],
    ['an id without its role', withToken({ client_hash_id: 'x' }), 'tokens[0].client_hash_id needs the role client'],
    [
      'an id that no coach can have',
      withToken({ roles: ['coach'], coach_hash_id: 'a b' }),
      'tokens[0].coach_hash_id must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ | = + / -',
    ],
    [
      'no expiry',
      withToken({ expires_at: undefined }),
      'tokens[0].expires_at must be a time such as 2030-01-31T00:00:00Z',
    ],
    [
      'an expiry in words',
      withToken({ expires_at: 'never' }),
      'tokens[0].expires_at must be a time such as 2030-01-31T00:00:00Z',
    ],
    [
      'a digest of another kind',
      withToken({ digest: 'md5:00' }),
      'tokens[0].digest must be sha256: and 64 hexadecimal digits',
    ],
    ['a field too many', withToken({ token: 'scheduler_secret' }), 'tokens[0] has no field token'],
    [
      'an id twice',
      JSON.stringify({ version: 1, tokens: [storedToken(), storedToken({ digest: `sha256:${'1'.repeat(64)}` })] }),
      'tokens[1].id is that of another token, too',
    ],
    [
      'a token twice',
      JSON.stringify({ version: 1, tokens: [storedToken(), storedToken({ id: 'a2' })] }),
      'tokens[1].digest is that of another token, too',
    ],
  ])('%s', async (_, content, rule) => {
    expect(await refusal(await fileWith(content))).toBe(`is malformed: ${rule}. Correct the file.`);
  });
});

describe('a file that cannot be trusted is refused:', () => {
  const content = formatTokens([storedToken()]);

  test.each([0o640, 0o620, 0o604, 0o602, 0o666, 0o610])('one of mode %o', async (mode) => {
    const path = await fileWith(content);
    await chmod(path, mode);
    expect(await refusal(path)).toBe(`is open to other users (mode 0${mode.toString(8)}). Close it: chmod 600 ${path}`);
  });

  test('no file', async () => {
    expect(await refusal(await newPath())).toBe(
      'is not there. Make it with its first token: npx scheduler token create --subject NAME --role ROLE',
    );
  });

  test('a directory', async () => {
    const path = await newPath();
    await mkdir(path);
    expect(await refusal(path)).toBe('is not a file. Name a file.');
  });

  test('a pipe, without waiting for its writer', async () => {
    const path = await newPath();
    execFileSync('mkfifo', ['-m', '600', path]);
    expect(await refusal(path)).toBe('is not a file. Name a file.');
  });

  test('a path below a file', async () => {
    expect(await refusal(`${await fileWith(content)}/below`)).toBe('cannot be read (ENOTDIR). Name a file.');
  });

  // Only root may give files away.
  describe.runIf(process.getuid?.() === 0)('as to its owner', () => {
    function asUser(uid: number): void {
      vi.spyOn(process, 'geteuid').mockReturnValue(uid);
      onTestFinished(() => void vi.restoreAllMocks());
    }

    test('one of another user', async () => {
      const path = await fileWith(content);
      await chown(path, 1234, 0);
      expect(await refusal(path)).toMatch(/^belongs to another user \(1234\), who could make tokens\. .*: chown 0 /);
    });

    test.each([
      ['of this user', 1234, 0o600],
      ['of root', 0, 0o600],
      ['of root that a group may read, as Kubernetes mounts secrets', 0, 0o640],
    ])('but not one %s', async (_, owner, mode) => {
      const path = await fileWith(content);
      await chown(path, owner, 0);
      await chmod(path, mode);
      asUser(1234);
      expect(await readTokens(path)).toMatchObject({ tokens: [storedToken()] });
    });

    test.each([0o660, 0o644])('one of root of mode %o', async (mode) => {
      const path = await fileWith(content);
      await chmod(path, mode);
      asUser(1234);
      expect(await refusal(path)).toMatch(/^is open to other users/);
    });

    test('one of this user that a group may read', async () => {
      const path = await fileWith(content);
      await chown(path, 1234, 0);
      await chmod(path, 0o640);
      asUser(1234);
      expect(await refusal(path)).toMatch(/^is open to other users/);
    });
  });

  test('nothing of its content is told', async () => {
    for (const text of ['{"secret', '{"version":"secret","tokens":[]}', `{"version":1,"tokens":["secret"]}`]) {
      const path = await fileWith(text);
      expect(await refusal(path)).not.toContain('secret');
      await rm(path);
    }
  });
});
