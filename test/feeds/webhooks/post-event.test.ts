import { once } from 'node:events';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createPoster, type Posted, type PosterParts } from '../../../src/feeds/webhooks/post-event.js';
import type { Resolve } from '../../../src/outbound/checked-lookup.js';
import { createAuthority } from '../../support/certificates.js';
import { type Answering, startReceiver, status } from '../../support/receiver.js';

const never = new AbortController().signal;

/** A poster for one test. */
function posterWith(parts: Partial<PosterParts> = {}) {
  const poster = createPoster({ allowPrivate: true, timeLimit: 300, ...parts });
  onTestFinished(poster.close);
  return (url: string, signal = never): Promise<Posted> => poster.post(url, {}, '{"id":"an-event"}', signal);
}

/** Answers every name with these addresses. */
const resolvesTo =
  (...addresses: readonly string[]): Resolve =>
  (_hostname, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

describe('an answer', () => {
  test.each([200, 201, 202, 204, 299])('%i takes the event', async (code) => {
    const receiver = await startReceiver();
    receiver.answerWith(status(code));
    expect(await posterWith()(receiver.url)).toMatchObject({ status: code, error: undefined });
  });

  test.each([
    [400, 'the receiver answered 400'],
    [410, 'the receiver answered 410'],
    [503, 'the receiver answered 503'],
    [302, 'the receiver answered 302: redirects are not followed'],
    [307, 'the receiver answered 307: redirects are not followed'],
  ])('%i does not', async (code, error) => {
    const [receiver, elsewhere] = [await startReceiver(), await startReceiver()];
    receiver.answerWith(status(code, { location: elsewhere.url }));
    expect(await posterWith()(receiver.url)).toMatchObject({ status: code, error });
    expect(elsewhere.received).toEqual([]);
  });

  test('is kept up to 4 KiB, in printable characters', async () => {
    const receiver = await startReceiver();
    receiver.answerWith((_received, response) => void response.writeHead(500).end('no\u0000\u001b[31m é'));
    expect((await posterWith()(receiver.url)).body).toBe('no??[31m ??');
  });

  test('without an end is cut at 4 KiB', async () => {
    const receiver = await startReceiver();
    let isClosed = false;
    receiver.answerWith((_received, response) => {
      response.writeHead(200).on('close', () => {
        isClosed = true;
      });
      const more = () => {
        while (!isClosed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    });
    const { error, body } = await posterWith()(receiver.url);
    expect([error, body.length]).toEqual([undefined, 4_096]);
    await expect.poll(() => isClosed).toBe(true);
  });

  test('says how long to wait', async () => {
    const receiver = await startReceiver();
    receiver.answerWith(status(503, { 'retry-after': '7' }));
    expect((await posterWith()(receiver.url)).retryAfter).toBe('7');
  });
});

const hangs: Answering = () => {};
const hangsInTheMiddle: Answering = (_received, response) => void response.writeHead(200).write('so far');
const closesInTheMiddle: Answering = (_received, response) => {
  response.writeHead(200, { 'content-length': '100' }).write('so far');
  setImmediate(() => response.destroy());
};
const closes: Answering = (_received, _response, request) => void request.socket.destroy();

describe('an attempt fails', () => {
  test.each([
    ['hangs', hangs, 'there was no answer within 0.3 s'],
    ['hangs in the middle of its answer', hangsInTheMiddle, 'there was no answer within 0.3 s'],
    ['closes in the middle of its answer', closesInTheMiddle, /^(no answer came|the connection was closed)/],
    ['closes the connection', closes, /^the connection was closed before the answer was whole/],
  ])('when the receiver %s', async (_, answering, error) => {
    const receiver = await startReceiver();
    receiver.answerWith(answering);
    const posted = await posterWith()(receiver.url);
    expect(posted.status).toBeUndefined();
    expect(posted.error).toMatch(error);
  });

  test('when nobody listens', async () => {
    const receiver = await startReceiver();
    await receiver.close();
    expect((await posterWith()(receiver.url)).error).toMatch(/^the host refuses connections/);
  });

  test('when the receiver speaks another protocol', async () => {
    const server = createServer((socket) => socket.end('hello\r\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect((await posterWith()(`http://127.0.0.1:${port}/`)).error).toMatch(/^no answer came/);
  });

  test('when the certificate of the receiver is of nobody known, before anything is sent', async () => {
    const authority = await createAuthority();
    let asked = 0;
    const server = createSecureServer(await authority.issue(), (_request, response) => {
      asked += 1;
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect((await posterWith()(`https://127.0.0.1:${port}/`)).error).toMatch(/^its certificate does not hold/);
    expect(asked).toBe(0);
  });

  test('with the reason of the signal, at once', async () => {
    const receiver = await startReceiver();
    receiver.answerWith(hangs);
    const stop = new AbortController();
    const posting = posterWith()(receiver.url, stop.signal);
    await expect.poll(() => receiver.received.length).toBe(1);
    stop.abort(new Error('enough'));
    await expect(posting).rejects.toThrow('enough');
  });
});

describe('a connection', () => {
  test('is used again', async () => {
    const receiver = await startReceiver();
    const post = posterWith();
    for (let nr = 0; nr < 5; nr += 1) await post(receiver.url);
    expect(receiver.connections()).toBe(1);
  });

  test('that the receiver closed meanwhile is replaced', async () => {
    const receiver = await startReceiver();
    const post = posterWith();
    await post(receiver.url);
    receiver.dropConnections();
    expect((await post(receiver.url)).error).toBeUndefined();
    expect(receiver.received.length).toBe(2);
  });
});

describe('a host', () => {
  const strict = (...addresses: readonly string[]) =>
    posterWith({ allowPrivate: false, resolve: resolvesTo(...addresses) })('https://hooks.example/');

  test.each([
    [['10.0.0.1'], '10.0.0.1, a private address'],
    [['127.0.0.1'], '127.0.0.1, a private address'],
    [['169.254.169.254'], '169.254.169.254, an address that is link-local or reserved'],
    [['::1'], '::1, a private address'],
    [['::ffff:127.0.0.1'], '::ffff:127.0.0.1, a private address'],
    [['1.1.1.1', '10.0.0.1'], '10.0.0.1, a private address'],
    [['2606:4700::1111', 'fe80::1'], 'fe80::1, an address that is link-local or reserved'],
    [['fe80::1%2'], 'fe80::1%2, which is link-local'],
  ])('that leads to %j is not called', async (addresses, why) => {
    expect((await strict(...addresses)).error).toContain(`hooks.example leads to ${why}: it is not called`);
  });

  test('that is a private address is not called, although Node looks no address up', async () => {
    const receiver = await startReceiver();
    const url = receiver.url.replace('http:', 'https:');
    expect((await posterWith({ allowPrivate: false })(url)).error).toContain('127.0.0.1, a private address');
    expect(receiver.connections()).toBe(0);
  });

  test('in a private network is called where that is allowed', async () => {
    const receiver = await startReceiver();
    const post = posterWith({ resolve: resolvesTo('127.0.0.1') });
    expect((await post(receiver.url.replace('127.0.0.1', 'hooks.example'))).error).toBeUndefined();
  });

  test('is link-local, or leads there: never called', async () => {
    expect((await posterWith()('http://169.254.169.254/latest')).error).toContain('link-local');
    const post = posterWith({ resolve: resolvesTo('169.254.169.254') });
    expect((await post('http://metadata.example/')).error).toContain('link-local');
  });

  test('that is not known', async () => {
    expect((await posterWith()('http://nobody.invalid/')).error).toMatch(
      /^the host (is not known|could not be looked up)/,
    );
  });
});
