import { chmod, rename, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pino from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Credential, NotAccepted, type TokenVerifier } from '../../../src/authentication/credential.js';
import { changeTokens } from '../../../src/authentication/tokens/change-tokens.js';
import { makeToken } from '../../../src/authentication/tokens/make-token.js';
import { revokeTokens } from '../../../src/authentication/tokens/revoke-tokens.js';
import { newToken } from '../../../src/authentication/tokens/token.js';
import { formatTokens, type Rights } from '../../../src/authentication/tokens/tokens-file.js';
import { createTokensVerifier } from '../../../src/authentication/tokens/tokens-verifier.js';
import { ownDirectory } from '../../support/certificate-files.js';
import { DAY, fileWith, NOW, newPath } from './samples.js';

/** A verifier of a file of its own, at a clock of its own, and its log. */
async function open(path: string) {
  let now = NOW;
  const logged: { level: number; msg: string }[] = [];
  const log = pino({ base: null }, { write: (line) => void logged.push(JSON.parse(line)) });
  const verifier = await createTokensVerifier(path, log, { interval: 5, now: () => now });
  onTestFinished(verifier.stop);
  const pass = (ms: number) => {
    now += ms;
  };
  return { verifier, pass, logged, errors: () => logged.filter(({ level }) => level === 50).map(({ msg }) => msg) };
}

/** Adds a token that is good for a day. */
async function add(path: string, rights: Partial<Rights> = {}) {
  return makeToken(path, { subject: 'anna', roles: ['service'], ...rights }, NOW + DAY, NOW);
}

/** Why a token is not accepted, or that it is. */
function answerTo(verifier: TokenVerifier, token: string): string {
  try {
    verifier.verify(token);
    return 'accepted';
  } catch (error) {
    if (error instanceof NotAccepted) return error.message;
    throw error;
  }
}

describe('a token', () => {
  test('is a credential at once, for who the file says', async () => {
    const path = await newPath();
    const { token } = await add(path, { subject: 'otto', roles: ['coach'], coach_hash_id: 'c-1' });
    const { verifier } = await open(path);
    expect(verifier.verify(token)).toEqual({
      principal: { subject: 'otto', roles: new Set(['coach']), coachHashId: 'c-1', clientHashId: undefined },
      expiresAt: NOW + DAY,
      isRevoked: false,
    });
  });

  test('is told by its beginning', async () => {
    const path = await newPath();
    const { token } = await add(path);
    const { verifier } = await open(path);
    expect(['eyJhbGciOiJub25lIn0.e30.', '', 'xscheduler_', token].map(verifier.takes)).toEqual([
      ...[false, false, false],
      true,
    ]);
  });

  test('that is not in the file is not known', async () => {
    const path = await newPath();
    await add(path);
    const { verifier } = await open(path);
    expect(answerTo(verifier, newToken())).toBe('the token is not known');
  });

  test('that lost its end is said to have', async () => {
    const path = await newPath();
    const { token } = await add(path);
    const { verifier } = await open(path);
    expect(answerTo(verifier, token.slice(0, -1))).toBe('the token is cut off or mistyped');
  });

  test('expires, also one that was accepted before', async () => {
    const path = await newPath();
    const { token } = await add(path);
    const { verifier, pass } = await open(path);
    pass(DAY - 1);
    expect(answerTo(verifier, token)).toBe('accepted');
    pass(1);
    expect(answerTo(verifier, token)).toBe('the token has expired');
  });

  test('that was revoked before the start is said to be', async () => {
    const path = await newPath();
    const { token, stored } = await add(path);
    await revokeTokens(path, { ids: [stored.id] }, NOW);
    const { verifier } = await open(path);
    expect(answerTo(verifier, token)).toBe('the token was revoked');
  });
});

describe('while the service runs', () => {
  async function openWithToken() {
    const path = await newPath();
    const { token, stored } = await add(path);
    const opened = await open(path);
    return { path, token, stored, ...opened, credential: opened.verifier.verify(token) as Credential };
  }

  test('a new token is accepted, and the credentials of others stay', async () => {
    const { path, verifier, token, credential, logged } = await openWithToken();
    const other = await add(path);
    await expect.poll(() => answerTo(verifier, other.token)).toBe('accepted');
    expect(verifier.verify(token)).toBe(credential);
    expect(credential.isRevoked).toBe(false);
    expect(logged).toMatchObject([{ level: 30, tokens: 2, msg: 'the tokens file has changed, and is taken' }]);
  });

  test('a token that is revoked ends the credential that was handed out', async () => {
    const { path, verifier, token, stored, credential } = await openWithToken();
    await revokeTokens(path, { ids: [stored.id] }, NOW);
    await expect.poll(() => credential.isRevoked).toBe(true);
    expect(answerTo(verifier, token)).toBe('the token was revoked');
  });

  test('a token that is taken out of the file is revoked, too', async () => {
    const { path, verifier, token, credential } = await openWithToken();
    await changeTokens(path, () => [], NOW);
    await expect.poll(() => credential.isRevoked).toBe(true);
    expect(answerTo(verifier, token)).toBe('the token is not known');
  });

  test('a token with other rights ends the old credential, and gives a new one', async () => {
    const { path, verifier, token, credential } = await openWithToken();
    await changeTokens(path, (tokens) => tokens.map((one) => ({ ...one, roles: ['analyst'] })), NOW);
    await expect.poll(() => credential.isRevoked).toBe(true);
    expect(verifier.verify(token)).toMatchObject({ principal: { roles: new Set(['analyst']) }, isRevoked: false });
  });

  test('a swapped symbolic link is noticed, as Kubernetes swaps them', async () => {
    const [before, after] = [await newPath(), await newPath()];
    await add(before);
    const { token } = await add(after);
    const link = join(await ownDirectory(), 'tokens.json');
    await symlink(before, link);
    const { verifier } = await open(link);
    await symlink(after, `${link}.2`);
    await rename(`${link}.2`, link);
    await expect.poll(() => answerTo(verifier, token)).toBe('accepted');
  });

  test.each<[string, (path: string) => Promise<void>, string]>([
    ['is broken', (path) => writeFile(path, '{"version":1,"tok'), 'is malformed: it must be JSON'],
    ['is open to others', (path) => chmod(path, 0o644), 'is open to other users (mode 0644)'],
    ['is gone', (path) => unlink(path), 'is not there'],
  ])('a file that %s is not taken: the tokens stay, and the log says so once', async (_, spoil, why) => {
    const { path, verifier, token, credential, errors } = await openWithToken();
    await spoil(path);
    await expect.poll(errors).toHaveLength(1);
    expect(errors()[0]).toBe(
      `the tokens stay as they were, and none is revoked until the file can be used: ${/AUTH_.*/.exec(errors()[0]!)}`,
    );
    expect(errors()[0]).toContain(`AUTH_TOKENS_FILE=${path} ${why}`);
    expect(verifier.verify(token)).toBe(credential);

    // All is well again, and said no second time.
    const mended = await newPath();
    const other = await add(mended);
    await rename(mended, path);
    await expect.poll(() => answerTo(verifier, other.token)).toBe('accepted');
    expect(credential.isRevoked).toBe(true);
    expect(errors()).toHaveLength(1);
  });

  test('after the stop the file is followed no more', async () => {
    const { path, verifier, token } = await openWithToken();
    const { verifier: another } = await open(path);
    verifier.stop();
    await changeTokens(path, () => [], NOW);
    await expect.poll(() => answerTo(another, token)).toBe('the token is not known');
    expect(answerTo(verifier, token)).toBe('accepted');
  });

  test('no part of a token is logged or told', async () => {
    const { path, verifier, token, logged } = await openWithToken();
    const [, cutOff, unknown] = [token, token.slice(0, -2), newToken()];
    const answers = [cutOff, unknown].map((one) => answerTo(verifier, one));
    await writeFile(path, `${token} {"version": "${unknown}"`);
    await expect.poll(() => logged.length).toBe(1);
    const told = JSON.stringify([answers, logged]);
    for (const secret of [token, unknown]) expect(told).not.toContain(secret.slice('scheduler_'.length, 20));
  });
});

test('a start with a file that cannot be used ends with its sentence', async () => {
  const path = await fileWith(formatTokens([]), 0o644);
  await expect(open(path)).rejects.toThrow(`AUTH_TOKENS_FILE=${path} is open to other users`);
});
