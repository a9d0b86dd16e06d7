import { once } from 'node:events';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createFetchCalendar, type FetchCalendarParts } from '../../../src/calendars/sources/fetch-calendar.js';
import type { Resolve } from '../../../src/outbound/checked-lookup.js';
import { answer, calendarWith, SECRET, type Serving, startCalendarServer } from '../../support/calendar-server.js';
import { createAuthority } from '../../support/certificates.js';

const never = new AbortController().signal;
const TEXT = 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n';
const MIB = 1_048_576;
const TOO_LARGE = 'the document is too large: at most 1,048,576 bytes are read';

const fetcher = (parts: Partial<FetchCalendarParts> = {}) =>
  createFetchCalendar({ allowPrivate: true, timeLimit: 400, now: Date.now, ...parts });

const fetchFrom = (url: string, parts: Partial<FetchCalendarParts> = {}) => fetcher(parts)(url, undefined, never);

/** Answers every name with these addresses, and notes who was asked for. */
const resolvesTo =
  (...addresses: readonly string[]): Resolve =>
  (_hostname, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

/** What comes of a fetch from a server that answers so. */
async function fetched(serving: Serving, parts: Partial<FetchCalendarParts> = {}) {
  const server = await startCalendarServer();
  server.serve(serving);
  const outcome = await fetchFrom(server.url, parts);
  expect(JSON.stringify(outcome)).not.toContain(SECRET);
  return { outcome, server };
}

const failed = (why: string) => ({ kind: 'failed', why, retryAfter: undefined });

describe('a document', () => {
  test('is asked for as a calendar, without anything that tells who asks', async () => {
    const { outcome, server } = await fetched(calendarWith(TEXT, '"1"'));
    expect(outcome).toMatchObject({ kind: 'document', charset: 'utf-8', validators: { etag: '"1"' } });
    expect(server.asked).toEqual([
      {
        path: `/${SECRET}/basic.ics?token=${SECRET}`,
        headers: {
          accept: 'text/calendar, */*;q=0.1',
          'accept-encoding': 'gzip',
          'user-agent': 'session-scheduler',
          host: server.origin.slice('http://'.length),
          connection: 'close',
        },
      },
    ]);
  });

  test.each([
    ['text/calendar', undefined],
    ['text/calendar; charset=utf-8', 'utf-8'],
    ['text/calendar;charset="ISO-8859-1";method=PUBLISH', 'ISO-8859-1'],
    ['text/calendar; method=PUBLISH; Charset = windows-1252', 'windows-1252'],
  ])('of the type %s has the charset %s', async (type, charset) => {
    const { outcome } = await fetched(answer(200, { 'content-type': type }, TEXT));
    expect(outcome).toMatchObject({ kind: 'document', charset });
  });

  test.each(['gzip', 'GZIP', 'x-gzip'])('packed by %s is unpacked', async (encoding) => {
    const { outcome } = await fetched((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(gzipSync(TEXT));
    });
    expect(outcome.kind === 'document' && Buffer.from(outcome.bytes).toString()).toBe(TEXT);
  });

  test('of exactly 1 MiB is taken', async () => {
    const { outcome } = await fetched(answer(200, {}, 'x'.repeat(MIB)));
    expect(outcome.kind === 'document' && outcome.bytes.length).toBe(MIB);
  });

  test('is not taken with validators that no request could have', async () => {
    const { outcome } = await fetched(answer(200, { etag: `"${'x'.repeat(500)}"`, 'last-modified': 'now\t' }, TEXT));
    expect(outcome).toMatchObject({ validators: { etag: undefined } });
  });
});

describe('a document that is known', () => {
  const known = { etag: '"7"', lastModified: 'Tue, 01 Jan 2030 12:00:00 GMT' };

  test('is asked for by its validators, and may be unchanged', async () => {
    const server = await startCalendarServer();
    server.serve(calendarWith(TEXT, '"7"'));
    expect(await fetcher()(server.url, known, never)).toEqual({ kind: 'unchanged' });
    expect(server.asked[0]?.headers).toMatchObject({
      'if-none-match': '"7"',
      'if-modified-since': 'Tue, 01 Jan 2030 12:00:00 GMT',
    });
  });

  test('is not unchanged for who did not ask', async () => {
    expect((await fetched(answer(304))).outcome).toEqual(failed('the server answered 304'));
  });
});

/** Answers without an end, as fast as it is read, and notes how much was taken. */
function endless(chunk: Buffer, headers: Readonly<Record<string, string>> = {}, status = 200) {
  const sent = { bytes: 0 };
  const serving: Serving = (_request, response) => {
    response.writeHead(status, headers);
    const more = () => {
      while (!response.destroyed) {
        sent.bytes += chunk.length;
        if (!response.write(chunk)) break;
      }
    };
    response.on('drain', more);
    more();
  };
  return { sent, serving };
}

describe('a fetch fails', () => {
  test.each([400, 401, 403, 404, 410, 429, 500, 503, 201, 204, 206, 300])(
    'when the server answers %i',
    async (code) => {
      const { outcome, server } = await fetched(answer(code));
      expect(outcome).toEqual(failed(`the server answered ${code}`));
      await expect.poll(server.open).toBe(0);
    },
  );

  test.each([
    ['120', 120_000],
    ['9999999', 24 * 3_600_000],
  ])('and tells that it may be tried again after %s s', async (after, ms) => {
    const { outcome } = await fetched(answer(503, { 'retry-after': after }));
    expect(outcome).toMatchObject({ kind: 'failed', retryAfter: ms });
  });

  const late = failed('there was no whole answer within 0.4 s');
  test.each<[string, Serving]>([
    ['says nothing', () => {}],
    ['stops after the head', (_request, response) => void response.writeHead(200).write('BEGIN')],
    [
      'sends a byte now and then',
      (_request, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write('x'), 20);
        response.on('close', () => clearInterval(timer));
      },
    ],
    [
      'sends a document that ends with its connection, and does not close it',
      (request) => void request.socket.write(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${TEXT}`),
    ],
    [
      'redirects slowly, again and again',
      (_request, response) => void setTimeout(() => response.writeHead(302, { location: '/next' }).end(), 150),
    ],
  ])('when the server %s', async (_, serving) => {
    const { outcome, server } = await fetched(serving);
    expect(outcome).toEqual(late);
    await expect.poll(server.open).toBe(0);
  });

  test('when the server cuts the document off', async () => {
    const { outcome } = await fetched((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('BEGIN');
      setImmediate(() => response.destroy());
    });
    expect(outcome).toEqual(failed('the connection was closed before the answer was whole'));
  });

  test('when the server closes the connection', async () => {
    const { outcome } = await fetched((request) => void request.socket.destroy());
    expect(outcome).toEqual(failed('the connection was closed before the answer was whole'));
  });

  test('when the server wants another protocol', async () => {
    const { outcome } = await fetched((request) => {
      request.socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n');
    });
    expect(outcome).toEqual(failed('no answer came'));
  });

  test('when the document has no end, after 1 MiB', async () => {
    const { sent, serving } = endless(Buffer.alloc(65_536, 'x'));
    const { outcome, server } = await fetched(serving, { timeLimit: 10_000 });
    expect(outcome).toEqual(failed(TOO_LARGE));
    await expect.poll(server.open).toBe(0);
    // What was under way in buffers of the system comes on top.
    expect(sent.bytes).toBeLessThan(8 * MIB);
  });

  test.each([
    [404, 'the server answered 404'],
    [302, 'the server redirects to what is no URL'],
  ])('when an answer %i has no end, without waiting for it', async (status, why) => {
    const { serving } = endless(Buffer.alloc(65_536, 'x'), { location: 'https://[' }, status);
    const { outcome, server } = await fetched(serving, { timeLimit: 60_000 });
    expect(outcome).toEqual(failed(why));
    await expect.poll(server.open).toBe(0);
  });

  test('when a small document unpacks to a large one, before it is unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * MIB));
    expect(bomb.length).toBeLessThan(MIB);
    const before = process.memoryUsage.rss();
    const { outcome } = await fetched(
      (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
      { timeLimit: 10_000 },
    );
    expect(outcome).toEqual(failed(TOO_LARGE));
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * MIB);
  });

  test('when a document is packed without an end, and unpacks to nothing', async () => {
    const { serving } = endless(Buffer.alloc(20 * 3_000, gzipSync('')), { 'content-encoding': 'gzip' });
    expect((await fetched(serving, { timeLimit: 10_000 })).outcome).toEqual(failed(TOO_LARGE));
  });

  test.each([
    ['deflate', 'the server packs the document in a way that was not asked for', deflateSync(TEXT)],
    ['gzip', 'the document cannot be unpacked', Buffer.from('no gzip')],
    ['gzip', 'the document cannot be unpacked', gzipSync(TEXT).subarray(0, 25)],
  ])('when it is packed by %s: %s', async (encoding, why, body) => {
    const { outcome } = await fetched(
      (_request, response) => void response.writeHead(200, { 'content-encoding': encoding }).end(body),
    );
    expect(outcome).toEqual(failed(why));
  });

  test('when nobody listens', async () => {
    const server = await startCalendarServer();
    await server.close();
    expect(await fetchFrom(server.url)).toEqual(failed('the host refuses connections'));
  });

  test('when the host is not known', async () => {
    const resolve: Resolve = (hostname, _options, callback) =>
      callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' }), []);
    expect(await fetchFrom('https://gone.example/', { resolve })).toEqual(failed('the host is not known'));
  });

  test('when the certificate is of nobody known, before anything is asked', async () => {
    let asked = 0;
    const server = createSecureServer(await (await createAuthority()).issue(), (_request, response) => {
      asked += 1;
      response.end(TEXT);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const outcome = await fetchFrom(`https://127.0.0.1:${port}/${SECRET}`, { timeLimit: 5_000 });
    expect(outcome).toMatchObject({ why: expect.stringMatching(/^the certificate of the server does not hold: \w+$/) });
    expect(asked).toBe(0);
  });

  test('with the reason of the signal, at once', async () => {
    const server = await startCalendarServer();
    server.serve(() => {});
    const stop = new AbortController();
    const fetching = fetcher({ timeLimit: 60_000 })(server.url, undefined, stop.signal);
    await expect.poll(() => server.asked.length).toBe(1);
    stop.abort(new Error('enough'));
    await expect(fetching).rejects.toThrow('enough');
    await expect.poll(server.open).toBe(0);
  });
});

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('by %i is followed', async (code) => {
    const { outcome, server } = await fetched((request, response) => {
      if (request.url === '/there') response.end(TEXT);
      else response.writeHead(code, { location: '/there#part', 'set-cookie': 'a=b' }).end();
    });
    expect(outcome.kind).toBe('document');
    expect(server.asked[1]).toMatchObject({ path: '/there' });
    expect(Object.keys(server.asked[1]?.headers ?? {})).not.toContain('cookie');
    expect(Object.keys(server.asked[1]?.headers ?? {})).not.toContain('referer');
  });

  test('after five others is not', async () => {
    const steps = (count: number): Serving => {
      let left = count;
      return (_request, response) => {
        left -= 1;
        if (left < 0) response.end(TEXT);
        else response.writeHead(302, { location: `/${left}` }).end();
      };
    };
    expect((await fetched(steps(5))).outcome.kind).toBe('document');
    const { outcome, server } = await fetched(steps(6));
    expect(outcome).toEqual(failed('the server redirects more than 5 times'));
    expect(server.asked.length).toBe(6);
  });

  test('without a place is an answer like others', async () => {
    expect((await fetched(answer(302))).outcome).toEqual(failed('the server answered 302'));
  });

  test('to what is no URL fails', async () => {
    const { outcome } = await fetched(answer(302, { location: 'https://[' }));
    expect(outcome).toEqual(failed('the server redirects to what is no URL'));
  });
});

const LENIENT = { allowPrivate: true };
const REDIRECTS_TO = 'the URL that the server redirects to';

describe('nothing is asked of', () => {
  test.each([
    ['http://calendar.example/', 'must be an https:// URL'],
    ['https://127.0.0.1/', 'must not lead to 127.0.0.1, a private address'],
    ['https://2130706433/', 'must not lead to 127.0.0.1, a private address'],
    ['https://[::ffff:10.0.0.1]/', 'must not lead to ::ffff:a00:1, a private address'],
    ['https://169.254.169.254/latest', 'must not lead to 169.254.169.254, an address that is link-local or reserved'],
    ['https://user:secret@calendar.example/', 'must not contain a user or a password'],
    ['file:///etc/passwd', 'must be an https:// URL'],
  ])('%s', async (url, why) => {
    expect(await fetchFrom(url, { allowPrivate: false })).toEqual(failed(`the URL ${why}`));
  });

  test.each([
    '10.0.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '::1',
    '::ffff:192.168.0.1',
    'fd00:ec2::254',
    '64:ff9b::a00:1',
  ])('a name that leads to %s', async (address) => {
    const outcome = await fetchFrom('https://calendar.example/', {
      allowPrivate: false,
      resolve: resolvesTo('1.1.1.1', address),
    });
    expect(outcome).toEqual(failed('the host leads to a private or reserved address, which is not called'));
  });

  test.each([
    [
      'http://169.254.169.254/latest',
      `${REDIRECTS_TO} must not lead to 169.254.169.254, an address that is link-local or reserved`,
    ],
    [
      'http://[fd00:ec2::254]/',
      `${REDIRECTS_TO} must not lead to fd00:ec2::254, an address that is link-local or reserved`,
    ],
    ['http://user:secret@127.0.0.1/', `${REDIRECTS_TO} must not contain a user or a password`],
    ['file:///etc/passwd', `${REDIRECTS_TO} must be an https:// or http:// URL`],
    ['gopher://127.0.0.1/', `${REDIRECTS_TO} must be an https:// or http:// URL`],
    ['http://metadata.example/', 'the host leads to a private or reserved address, which is not called'],
  ])('%s, which a server redirects to', async (location, why) => {
    const { outcome } = await fetched(answer(302, { location }), {
      ...LENIENT,
      resolve: resolvesTo('169.254.169.254'),
    });
    expect(outcome).toEqual(failed(why));
  });
});
