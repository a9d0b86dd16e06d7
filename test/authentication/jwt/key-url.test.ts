import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import type { JwtTimes } from '../../../src/authentication/jwt/jwt-verifier.js';
import { createAuthority } from '../../support/certificates.js';
import { aLog, aVerifier, claimsWith, createSigner, keySetOf, outcomeOf, type Signer } from '../../support/jwts.js';
import { startKeyServer } from '../../support/key-server.js';

type Handler = Exclude<Parameters<typeof startKeyServer>[0], string>;

const UNKNOWN = 'NotAccepted: the token is signed by a key that is not known';
const NOT_YET = 'CannotVerify: the identity provider did not answer yet';
const AWAY = 'CannotVerify: the identity provider is unavailable, and the key is not known';
const HANG: Handler = () => {};
const FAIL: Handler = (_, response) => void response.writeHead(500).end();
let first: Signer;
let second: Signer;
let ofFirst: string;
let ofSecond: string;

beforeAll(async () => {
  [first, second] = await Promise.all([createSigner('first'), createSigner('second')]);
  [ofFirst, ofSecond] = await Promise.all([first.sign(claimsWith()), second.sign(claimsWith())]);
});

async function following(answer: string | Handler, times: Partial<JwtTimes> = {}) {
  const server = await startKeyServer(answer);
  const log = aLog();
  const verifier = await aVerifier({ jwks: `${server.url}?key=marked-secret` }, times, log);
  return { ...server, ...log, verifier, outcome: (token: string) => outcomeOf(verifier, token) };
}

/** The same, with its first keys. */
async function known(answer: string, times: Partial<JwtTimes> = {}) {
  const server = await following(answer, times);
  await expect.poll(() => server.lines).toMatchObject([{ msg: 'tokens are verified with the keys that were fetched' }]);
  return server;
}

describe('before the first keys', () => {
  test('nothing can be said of a token, and nobody waits', async () => {
    const { requests, outcome } = await following(HANG);
    await expect.poll(() => requests).toHaveLength(1);
    expect(await outcome(ofFirst)).toBe(NOT_YET);
    expect(await outcome('a.b.c')).toMatch(/well-formed/);
  });

  test('the provider is asked again soon', async () => {
    const { warnings, answer, outcome } = await following(FAIL, { retry: 10 });
    await expect.poll(warnings).toHaveLength(1);
    answer(keySetOf(first));
    await expect.poll(() => outcome(ofFirst)).toMatchObject({ principal: { subject: 'anna' } });
  });

  test('tokens cause no fetch', async () => {
    const { requests, warnings, outcome } = await following(FAIL);
    await expect.poll(warnings).toEqual(['the keys of AUTH_JWKS could not be fetched: it answers 500']);
    expect(await outcome(ofFirst)).toBe(NOT_YET);
    expect(requests).toHaveLength(1);
  });
});

describe('a provider that is away, or not itself', () => {
  const larger = JSON.stringify({ keys: [], more: ' '.repeat(1024 * 1024) });

  test.each<[string, string | Handler, string]>([
    ['fails', FAIL, 'answers 500'],
    ['hangs up', (request) => void request.socket.destroy(), 'cannot be reached (UND_ERR_SOCKET)'],
    [
      'hangs up amid its answer',
      (request, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('{', () => request.socket.destroy());
      },
      'cannot be reached (UND_ERR_SOCKET)',
    ],
    ['answers a page', '<html>', 'is not JSON'],
    ['answers nothing', '', 'is not JSON'],
    ['answers other JSON', '{"error":"no"}', 'has no list of keys'],
    ['answers too much', larger, 'answers more than 1 MiB'],
    [
      'answers too much, compressed',
      (_, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(larger));
      },
      'answers more than 1 MiB',
    ],
    ['answers 404 with keys', (_, response) => void response.writeHead(404).end(keySetOf()), 'answers 404'],
    [
      'redirects',
      (_, response) => void response.writeHead(302, { location: '/elsewhere' }).end(),
      'answers 302, a redirect',
    ],
  ])('%s: the known keys stay, and the log says it once', (_, how, problem) => expectKeysToStay(how, problem));

  test.each<[string, Handler]>([
    ['hangs', HANG],
    ['hangs amid its answer', (_, response) => void response.write('{"keys":[')],
  ])('%s: the same', (_, how) => expectKeysToStay(how, 'did not answer within 2000 ms', { timeout: 2_000 }));

  async function expectKeysToStay(how: string | Handler, problem: string, times: Partial<JwtTimes> = {}) {
    const provider = await known(keySetOf(first), { refresh: 10, retry: 10, ...times });
    const { requests, warnings, lines, answer, outcome } = provider;
    answer(how);
    await expect.poll(warnings).toEqual([`the keys of AUTH_JWKS could not be fetched: it ${problem}`]);
    const before = requests.length;
    await expect.poll(() => requests.length).toBeGreaterThan(before);
    expect(await outcome(ofFirst)).toMatchObject({ principal: { subject: 'anna' } });
    answer(keySetOf(first));
    await expect.poll(() => lines.at(-1)).toMatchObject({ level: 30, msg: 'the keys of AUTH_JWKS are fetched again' });
    expect(warnings()).toHaveLength(1);
    expect(requests.filter((path) => path.startsWith('/elsewhere'))).toEqual([]);
    expect(JSON.stringify(lines)).not.toContain('marked-secret');
  }

  test('a provider whose certificate is not trusted is not believed', async () => {
    const { url } = await startKeyServer(keySetOf(first), await (await createAuthority()).issue());
    const { log, warnings } = aLog();
    const verifier = await aVerifier({ jwks: url }, {}, { ...aLog(), log });
    await expect
      .poll(warnings)
      .toEqual([expect.stringMatching(/: it cannot be reached \([A-Z_]*(VERIFY|CERT)[A-Z_]*\)$/)]);
    expect(await outcomeOf(verifier, ofFirst)).toBe(NOT_YET);
  });

  test('an unknown key may be known to it', async () => {
    const { answer, outcome } = await known(keySetOf(first));
    answer(FAIL);
    expect(await outcome(ofSecond)).toBe(AWAY);
  });
});

describe('a key that is not known', () => {
  test('is fetched when a token names it', async () => {
    const { requests, answer, outcome } = await known(keySetOf(first));
    answer(keySetOf(first, second));
    expect(await outcome(ofSecond)).toMatchObject({ principal: { subject: 'anna' } });
    expect(requests).toHaveLength(2);
  });

  test('causes one fetch for all who name one', async () => {
    const { requests, outcome } = await known(keySetOf(first));
    const tokens = await Promise.all(['a', 'b', 'c'].map((kid) => second.sign(claimsWith(), { kid })));
    expect(await Promise.all(tokens.map(outcome))).toEqual([UNKNOWN, UNKNOWN, UNKNOWN]);
    expect(requests).toHaveLength(2);
  });

  test.each<[string, string | Handler, string]>([
    ['fetch', '', UNKNOWN],
    ['failed fetch', FAIL, AWAY],
  ])('causes no other soon after a %s', async (_, how, expected) => {
    const { requests, answer, outcome } = await known(keySetOf(first));
    answer(how || keySetOf(first));
    expect(await outcome(ofSecond)).toBe(expected);
    answer(keySetOf(first, second));
    expect(await outcome(ofSecond)).toBe(expected);
    expect(requests).toHaveLength(2);
  });

  test('causes another later', async () => {
    const { answer, outcome } = await known(keySetOf(first), { cooldown: 50 });
    expect(await outcome(ofSecond)).toBe(UNKNOWN);
    answer(keySetOf(first, second));
    await expect.poll(() => outcome(ofSecond)).toMatchObject({ principal: { subject: 'anna' } });
  });

  test('keeps nobody waiting whose key is known', async () => {
    const { requests, answer, outcome } = await known(keySetOf(first));
    let finish = () => {};
    answer((_, response) => {
      finish = () => response.end(keySetOf(first, second));
    });
    const late = outcome(ofSecond);
    await expect.poll(() => requests).toHaveLength(2);
    expect(await outcome(ofFirst)).toMatchObject({ principal: { subject: 'anna' } });
    finish();
    expect(await late).toMatchObject({ principal: { subject: 'anna' } });
  });
});

describe('keys that change at the provider', () => {
  test('end what a key signed that is there no more', async () => {
    const { verifier, answer, outcome } = await known(keySetOf(first), { refresh: 10 });
    const credential = await verifier.verify(ofFirst);
    expect(credential.isRevoked).toBe(false);
    answer(keySetOf(second));
    await expect.poll(() => credential.isRevoked).toBe(true);
    expect(await outcome(ofFirst)).toBe(UNKNOWN);
    expect(await outcome(ofSecond)).toMatchObject({ isRevoked: false });
  });

  test('are looked at no more once the verifier is stopped', async () => {
    const { verifier, requests, lines, answer } = await following(HANG);
    await expect.poll(() => requests).toHaveLength(1);
    verifier.stop();
    answer(keySetOf(first));
    expect(await outcomeOf(verifier, ofFirst)).toBe(NOT_YET);
    expect(lines).toEqual([]);
  });
});
