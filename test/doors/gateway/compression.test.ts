import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { toJson } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { ownGateway, post, seedRequest, sharedGateway, type TestGateway } from './support.js';

const SESSIONS = '/api/v1/sessions';
const LIMIT = 64 * 1024;

const gateway = sharedGateway();

/** A list whose JSON has about so many characters. */
function answerWithList(size: number): void {
  gateway.answerWith(async () => ({ sessions: [{ reason: 'x'.repeat(size) }] }));
}

interface RawAnswer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
}

/** An answer as it comes over the connection. */
function raw(path: string, acceptEncoding: string | undefined, method = 'GET'): Promise<RawAnswer> {
  const headers = acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding };
  return new Promise((resolve, reject) => {
    request(gateway.url + path, { method, headers }, async (answer) => {
      resolve({ status: answer.statusCode, headers: answer.headers, bytes: await buffer(answer) });
    })
      .on('error', reject)
      .end();
  });
}

describe('a large answer', () => {
  test.each(['gzip', 'x-gzip', '*', 'br, gzip', 'deflate, GZIP;q=0.5', '*;q=0, gzip'])(
    'is compressed for a caller who accepts %s',
    async (accepted) => {
      answerWithList(50_000);
      const { headers, bytes } = await raw(SESSIONS, accepted);
      expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
      expect(headers['content-length']).toBe(String(bytes.length));
      expect(bytes.length).toBeLessThan(5_000);
      expect(JSON.parse(gunzipSync(bytes).toString()).sessions[0].reason).toHaveLength(50_000);
    },
  );

  test.each([undefined, '', 'identity', 'br', 'gzip;q=0', 'gzip; q=0.0, *', '*;q=0', 'gzipped'])(
    'is not compressed for a caller who accepts %s',
    async (accepted) => {
      answerWithList(50_000);
      const { headers, bytes } = await raw(SESSIONS, accepted);
      expect(headers).not.toHaveProperty('content-encoding');
      expect(headers['vary']).toBe('accept-encoding');
      expect(JSON.parse(bytes.toString()).sessions[0].reason).toHaveLength(50_000);
    },
  );

  test('of 4 kB is compressed', async () => {
    answerWithList(4_096);
    expect((await raw(SESSIONS, 'gzip')).headers['content-encoding']).toBe('gzip');
  });

  test('of HEAD has the headers of GET', async () => {
    answerWithList(50_000);
    const [get, head] = [await raw(SESSIONS, 'gzip'), await raw(SESSIONS, 'gzip', 'HEAD')];
    for (const name of ['content-encoding', 'content-length', 'vary'])
      expect(head.headers[name]).toBe(get.headers[name]);
    expect(head.bytes).toHaveLength(0);
  });

  test('with an etag is not compressed: its other form would need another etag', async () => {
    gateway.answerWith(async () => ({ session: { etag: '7', reason: 'x'.repeat(5_000) } }));
    const { headers } = await raw(`${SESSIONS}/id-1`, 'gzip');
    expect(headers).not.toHaveProperty('content-encoding');
  });

  test('is compressed when it is a document', async () => {
    const { headers, bytes } = await raw('/openapi.json', 'gzip');
    expect(headers['content-encoding']).toBe('gzip');
    expect(JSON.parse(gunzipSync(bytes).toString())).toHaveProperty('openapi');
  });

  test('tells caches of the origin, too', async () => {
    const own = await ownGateway({ corsOrigins: ['https://a.example', 'https://b.example'] });
    own.answerWith(async () => ({ sessions: [{ reason: 'x'.repeat(5_000) }] }));
    const answer = await fetch(own.url + SESSIONS, { headers: { origin: 'https://a.example' } });
    expect(answer.headers.get('vary')?.toLowerCase()).toBe('origin, accept-encoding');
  });
});

test.each([100, 3_500])('a small answer is not compressed: %i characters', async (size) => {
  answerWithList(size);
  const { headers } = await raw(SESSIONS, 'gzip');
  expect(headers).not.toHaveProperty('content-encoding');
  expect(headers).not.toHaveProperty('vary');
});

describe('a body', () => {
  const send = (body: Uint8Array, coding: string) => post(gateway.url + SESSIONS, body, { 'content-encoding': coding });
  const zipped = (value: unknown) => gzipSync(JSON.stringify(value));

  function asked(): unknown {
    const [{ request: message, call }] = gateway.asked as [TestGateway['asked'][number]];
    return toJson(call.method.input, message, { useProtoFieldName: true });
  }

  test.each(['gzip', 'GZIP', 'x-gzip'])('compressed as %s is read', async (coding) => {
    expect((await send(zipped(seedRequest), coding)).status).toBe(200);
    expect(asked()).toEqual(seedRequest);
  });

  test('with the coding identity is read as it is', async () => {
    expect((await send(Buffer.from(JSON.stringify(seedRequest)), 'identity')).status).toBe(200);
    expect(asked()).toEqual(seedRequest);
  });

  test('may have as many bytes as the limit once it is decompressed, and no more', async () => {
    const head = '{"request_id":"';
    const ofBytes = (bytes: number) => gzipSync(`${head}${'x'.repeat(bytes - head.length - 2)}"}`);
    expect((await send(ofBytes(LIMIT), 'gzip')).status).toBe(200);
    const tooLarge = await send(ofBytes(LIMIT + 1), 'gzip');
    expect(tooLarge.status).toBe(413);
    expect(await tooLarge.json()).toMatchObject({ detail: 'the body is larger than 65536 bytes' });
  });

  test('that grows a thousandfold is refused with 413', async () => {
    expect((await send(gzipSync(Buffer.alloc(40_000_000)), 'gzip')).status).toBe(413);
  });

  test.each([
    ['no gzip', Buffer.from(JSON.stringify(seedRequest))],
    ['cut off', zipped(seedRequest).subarray(0, 40)],
    ['empty', Buffer.alloc(0)],
  ])('that is %s, though it says gzip, is refused with 400', async (_, body) => {
    const answer = await send(body, 'gzip');
    expect(answer.status).toBe(400);
  });

  test.each(['br', 'deflate', 'gzip, gzip', 'zstd'])('compressed as %s is refused with 415', async (coding) => {
    const answer = await send(zipped(seedRequest), coding);
    expect(answer.status).toBe(415);
    expect(await answer.json()).toMatchObject({
      detail: 'the content coding of the body must be gzip, or there must be none',
    });
  });
});
