import { chmod, chown, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { changeTokens } from '../../../src/authentication/tokens/change-tokens.js';
import { makeToken } from '../../../src/authentication/tokens/make-token.js';
import { readTokens } from '../../../src/authentication/tokens/read-tokens.js';
import { revokeTokens } from '../../../src/authentication/tokens/revoke-tokens.js';
import { formatTokens, type StoredToken } from '../../../src/authentication/tokens/tokens-file.js';
import { Correctable } from '../../../src/correctable.js';
import { digestOf } from '../../../src/secret-form.js';
import { ownDirectory } from '../../support/certificate-files.js';
import { DAY, fileWith, NOW, newPath, storedToken } from './samples.js';

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
const idsIn = async (path: string) => (await readTokens(path)).tokens.map(({ id }) => id);
const withDigest = (id: string, fields: Partial<StoredToken> = {}) =>
  storedToken({ id, digest: digestOf(id), ...fields });

describe('a new token', () => {
  const rights = { subject: 'anna', roles: ['coach' as const], coach_hash_id: 'c-1' };

  test('is in the file with all but the token', async () => {
    const path = await newPath();
    const { token, stored } = await makeToken(path, rights, NOW + DAY, NOW);
    expect(await readTokens(path)).toMatchObject({ tokens: [stored] });
    expect(stored).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}$/),
      ...rights,
      created_at: '2030-03-01T12:00:00Z',
      expires_at: '2030-03-02T12:00:00Z',
      digest: digestOf(token),
    });
    expect(await readFile(path, 'utf8')).not.toContain(token.slice(0, 20));
  });

  test('makes a file that only its owner may read and write', async () => {
    const path = await newPath();
    await makeToken(path, rights, NOW + DAY, NOW);
    expect(await modeOf(path)).toBe(0o600);
    expect(await readdir(dirname(path))).toEqual(['tokens.json']);
  });

  test('comes after those that are there', async () => {
    const path = await fileWith(formatTokens([storedToken()]));
    const { stored } = await makeToken(path, rights, NOW + DAY, NOW);
    expect(await idsIn(path)).toEqual(['a1', stored.id]);
  });
});

describe('a change', () => {
  const add = (id: string) => (tokens: readonly StoredToken[]) => [...tokens, withDigest(id)];

  test('keeps the permissions of the file', async () => {
    const path = await fileWith(formatTokens([]));
    await chmod(path, 0o400);
    await changeTokens(path, add('b'), NOW);
    expect(await modeOf(path)).toBe(0o400);
  });

  test.runIf(process.getuid?.() === 0)('keeps the group of the file', async () => {
    const path = await fileWith(formatTokens([]));
    await chown(path, 0, 1234);
    await changeTokens(path, add('b'), NOW);
    expect(await stat(path)).toMatchObject({ uid: 0, gid: 1234 });
  });

  test('through a symbolic link changes the file behind it', async () => {
    const path = await fileWith(formatTokens([]));
    const link = join(await ownDirectory(), 'link.json');
    await symlink(path, link);
    await changeTokens(link, add('b'), NOW);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await idsIn(path)).toEqual(['b']);
  });

  test('goes on where a process was killed in the midst', async () => {
    const path = await fileWith(formatTokens([storedToken()]));
    await writeFile(`${path}.new`, 'half a fi', { mode: 0o666 });
    await changeTokens(path, add('b'), NOW);
    expect(await idsIn(path)).toEqual(['a1', 'b']);
    expect(await modeOf(path)).toBe(0o600);
  });

  test('drops what expired 30 days ago, revoked or not', async () => {
    const tokens = [
      withDigest('long ago', { id: 'old', expires_at: '2030-01-30T12:00:00Z' }),
      withDigest('revoked', { id: 'old2', expires_at: '2030-01-30T12:00:00Z', revoked_at: '2029-01-01T00:00:00Z' }),
      withDigest('recent', { expires_at: '2030-01-30T12:00:01Z' }),
    ].map((token, index) => ({ ...token, id: `t${index}` }));
    const path = await fileWith(formatTokens(tokens));
    await changeTokens(path, add('b'), NOW);
    expect(await idsIn(path)).toEqual(['t2', 'b']);
  });

  test('of a malformed file leaves it as it is', async () => {
    const path = await fileWith('{"version":2}');
    await expect(changeTokens(path, add('b'), NOW)).rejects.toThrow('is malformed');
    expect(await readFile(path, 'utf8')).toBe('{"version":2}');
    expect(await readdir(dirname(path))).toEqual(['tokens.json']);
  });

  test.each([
    ['a directory that is not there', (path: string) => join(dirname(path), 'nowhere/tokens.json'), 'ENOENT'],
    ['a path below a file', (path: string) => `${path}/tokens.json`, 'ENOTDIR'],
  ])('in %s is refused with a sentence', async (_, below, code) => {
    const path = below(await fileWith(''));
    const changing = changeTokens(path, add('b'), NOW);
    await expect(changing).rejects.toThrow(Correctable);
    await expect(changing).rejects.toThrow(
      `AUTH_TOKENS_FILE=${path} cannot be written (${code}). Name a file in a directory that is there and that this user`,
    );
  });

  test('that cannot put the new file in place leaves the old one', async () => {
    const path = await fileWith(formatTokens([storedToken()]));
    await mkdir(`${path}.new`);
    await expect(changeTokens(path, add('b'), NOW)).rejects.toThrow('cannot be written');
    expect(await idsIn(path)).toEqual(['a1']);
  });
});

describe('revoking', () => {
  const [a, b, c] = [withDigest('a'), withDigest('b', { subject: 'anna' }), withDigest('c', { subject: 'anna' })];
  const revokedIn = async (path: string) =>
    (await readTokens(path)).tokens
      .filter(({ revoked_at }) => revoked_at === '2030-03-01T12:00:00Z')
      .map(({ id }) => id);

  test('takes ids', async () => {
    const path = await fileWith(formatTokens([a, b, c]));
    const revoked = await revokeTokens(path, { ids: ['a', 'c'] }, NOW);
    expect(revoked.map(({ id }) => id)).toEqual(['a', 'c']);
    expect(await revokedIn(path)).toEqual(['a', 'c']);
  });

  test('takes a subject: all of its tokens', async () => {
    const path = await fileWith(formatTokens([a, b, c]));
    await revokeTokens(path, { subject: 'anna' }, NOW);
    expect(await revokedIn(path)).toEqual(['b', 'c']);
  });

  test('again keeps the first time', async () => {
    const path = await fileWith(formatTokens([a, b, c]));
    await revokeTokens(path, { ids: ['a'] }, NOW);
    await revokeTokens(path, { ids: ['a'] }, NOW + DAY);
    expect(await revokedIn(path)).toEqual(['a']);
  });

  test.each([
    [{ ids: ['a', 'x', 'y'] }, 'has no token with the id x, none with the id y; nothing was revoked.'],
    [{ subject: 'otto' }, 'has no token of the subject otto; nothing was revoked.'],
  ])('what is not there revokes nothing: %o', async (which, sentence) => {
    const path = await fileWith(formatTokens([a, b, c]));
    await expect(revokeTokens(path, which, NOW)).rejects.toThrow(sentence);
    expect(await revokedIn(path)).toEqual([]);
  });
});
