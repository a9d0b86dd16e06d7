import { describe, expect, test } from 'vitest';
import { ownGateway, seedRequest, sharedGateway } from './support.js';

const SESSIONS = '/api/v1/sessions';
const CANCEL = `${SESSIONS}/0197e4a0-0000-7000-8000-000000000000:cancel`;
const SCHEDULE = '/aceup.scheduler.v1.SessionService/ScheduleSession';
const gateway = sharedGateway();

/** A request as a browser sends it for a page, without asking first. */
function send(path: string, headers: Record<string, string>, body: string | null = null, method = 'POST') {
  return fetch(gateway.url + path, { method, headers, body: body === null ? null : new Blob([body]) });
}

describe('a command of a page needs no body and no preflight', () => {
  test.each([
    ['of another origin', { origin: 'https://evil.example.com' }, 403],
    ['of a file or a sandbox', { origin: 'null' }, 403],
    ['of another port of this machine', { origin: 'http://localhost:1' }, 403],
    [
      'of another origin that claims to be of none',
      { origin: 'https://evil.example.com', 'sec-fetch-site': 'none' },
      403,
    ],
    ['of its own origin', { origin: 'own' }, 200],
    ['of its own origin behind TLS', { origin: 'own over TLS' }, 200],
    [
      'of its own origin behind a proxy that renames the host',
      { origin: 'https://app.example.com', 'sec-fetch-site': 'same-origin' },
      200,
    ],
    ['of nobody, who is no browser', {}, 200],
  ])('%s', async (_, given: Record<string, string>, status) => {
    const own = { own: gateway.url, 'own over TLS': gateway.url.replace('http:', 'https:') } as Record<string, string>;
    const headers = given['origin'] ? { ...given, origin: own[given['origin']] ?? given['origin'] } : given;
    const answer = await send(CANCEL, headers);
    expect(answer.status).toBe(status);
    expect(gateway.asked).toHaveLength(status === 200 ? 1 : 0);
    if (status === 403) {
      expect(await answer.json()).toMatchObject({ code: 'PERMISSION_DENIED', title: 'Forbidden' });
    }
  });

  test.each([
    ['CORS_ORIGINS', ['https://app.example.com'], 'https://app.example.com', 200],
    ['an origin that is not among them', ['https://app.example.com'], 'https://evil.example.com', 403],
    ['all', ['*'], 'https://evil.example.com', 200],
  ])('CORS_ORIGINS: %s', async (_, corsOrigins, origin, status) => {
    const own = await ownGateway({ corsOrigins });
    expect((await fetch(own.url + CANCEL, { method: 'POST', headers: { origin } })).status).toBe(status);
  });

  test('what changes nothing is answered; browsers keep the answer from the page', async () => {
    const answer = await send(SESSIONS, { origin: 'https://evil.example.com' }, null, 'GET');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

/** What a page may send without a preflight, and other types that are not JSON. */
const NOT_JSON = [
  'text/plain',
  'text/plain; charset=utf-8; x=application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/json',
  'application/jsonp',
  'application/json5',
  'application/octet-stream',
  'x',
  undefined,
];

describe('a body needs a type that a page cannot send without a preflight', () => {
  test.each(NOT_JSON)('REST refuses %s', async (type) => {
    const answer = await send(
      SESSIONS,
      type === undefined ? {} : { 'content-type': type },
      JSON.stringify(seedRequest),
    );
    expect(answer.status).toBe(415);
    expect(await answer.json()).toMatchObject({ detail: 'the body must be application/json' });
    expect(gateway.asked).toEqual([]);
  });

  test.each(NOT_JSON)('Connect refuses %s', async (type) => {
    const answer = await send(SCHEDULE, type === undefined ? {} : { 'content-type': type }, '{}');
    expect(answer.status).toBe(415);
    expect(gateway.asked).toEqual([]);
  });

  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'application/merge-patch+json',
  ])('REST takes %s', async (type) => {
    expect((await send(SESSIONS, { 'content-type': type }, JSON.stringify(seedRequest))).status).toBe(200);
  });

  test.each([
    ['application/json', '{}'],
    ['application/proto', ''],
  ])('Connect takes %s', async (type, body) => {
    expect((await send(SCHEDULE, { 'content-type': type }, body)).status).toBe(200);
  });
});

describe('cookies mean nothing', () => {
  const cookie = 'session=1; authorization=Bearer x';

  test.each(['/docs', '/healthz', SESSIONS, '/nothing'])('%s sets none', async (path) => {
    const answer = await fetch(gateway.url + path, { headers: { cookie } });
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  test('a call does not get them as anything else', async () => {
    await fetch(gateway.url + SESSIONS, { headers: { cookie } });
    expect(gateway.asked[0]?.call.header('authorization')).toBeUndefined();
  });

  test('no page may send them to another origin', async () => {
    const own = await ownGateway({ corsOrigins: ['https://app.example.com'] });
    const answer = await fetch(own.url + SESSIONS, { headers: { origin: 'https://app.example.com', cookie } });
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('pages', () => {
  test.each(['/', '/docs/', '/docs', '/docs/page.js', '/openapi.json'])(
    '%s is taken for its own type only, and does not tell others that it was read',
    async (path) => {
      const { headers } = await fetch(gateway.url + path, { redirect: 'manual' });
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    },
  );

  test.each(['/docs', '/openapi.json'])('%s cannot be framed', async (path) => {
    const policy = (await fetch(gateway.url + path)).headers.get('content-security-policy');
    expect(policy).toMatch(/default-src '(self|none)'/);
    expect(policy).toContain("frame-ancestors 'none'");
  });

  test('the page has no script of its own that the policy would block', async () => {
    const page = await fetch(`${gateway.url}/docs`);
    expect(page.headers.get('content-security-policy')).not.toMatch(/script-src|unsafe-eval/);
    const scripts = [...(await page.text()).matchAll(/<script([^>]*)>([^<]*)<\/script>/g)];
    expect(scripts.map(([, , content]) => content)).toEqual(['', '']);
  });
});
