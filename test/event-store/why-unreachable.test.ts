import { createServer } from 'node:net';
import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../src/embedded-postgres/port.js';
import { NO_STREAM } from '../../src/event-store/event-store.js';
import { openKurrentdbEventStore } from '../../src/event-store/kurrentdb/kurrentdb-event-store.js';
import { whyUnreachable } from '../../src/event-store/kurrentdb/why-unreachable.js';
import { anEvent, aStream } from '../support/event-store-samples.js';
import { CERTIFICATE, type KurrentdbStandIn, startKurrentdbStandIn } from '../support/kurrentdb-stand-in/stand-in.js';

async function start(tls: boolean): Promise<KurrentdbStandIn> {
  const standIn = await startKurrentdbStandIn({ tls });
  onTestFinished(() => standIn.stop());
  return standIn;
}

async function open(url: string, timeLimit = 5_000) {
  const store = await openKurrentdbEventStore(url, { log: pino({ level: 'silent' }), timeLimit });
  onTestFinished(() => store.close());
  return store;
}

test('a node that speaks TLS is used with its certificate', async () => {
  const { url } = await start(true);
  const store = await open(url);
  expect(await store.append(aStream(), NO_STREAM, [anEvent()])).toMatchObject({ outcome: 'appended' });
  expect(await whyUnreachable(url)).toBeUndefined();
});

test.each<[string, boolean, (host: string) => string, RegExp]>([
  ['TLS is off in the URL and on at the node', true, (host) => `esdb://${host}?tls=false`, /speaks TLS only: remove/],
  ['TLS is on in the URL and off at the node', false, (host) => `esdb://${host}?tls=true`, /does not speak TLS: add/],
  ['TLS is on by default and off at the node', false, (host) => `kdb://u:p@${host}/`, /does not speak TLS: add/],
  [
    'the authority is unknown',
    true,
    (host) => `esdb://${host}`,
    /is not accepted: self-signed certificate.* \(DEPTH_ZERO_SELF_SIGNED_CERT\)\. Name the authority/,
  ],
  [
    'the certificate names other hosts',
    true,
    (host) => `esdb://${host.replace('127.0.0.1', 'localhost')}?tlsCAFile=${CERTIFICATE}`,
    /localhost:\d+ is not accepted: .*ERR_TLS_CERT_ALTNAME_INVALID/,
  ],
  ['TLS is off in the URL of a cluster', true, (host) => `esdb://${host},${host}?tls=false`, /speaks TLS only: remove/],
])('a store cannot be opened, and says why, when %s', async (_, tls, urlOf, reason) => {
  const { host, port } = await start(tls);
  await expect(open(urlOf(`${host}:${port}`), 500)).rejects.toThrow(reason);
});

test('a reason stands, whatever becomes of the other hosts', async () => {
  const { host, port } = await start(true);
  const slow = createServer((socket) => void socket.once('data', () => setTimeout(() => socket.destroy(), 100)));
  onTestFinished(() => void slow.close());
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
  const { port: other } = slow.address() as { port: number };
  expect(await whyUnreachable(`esdb://${host}:${port},127.0.0.1:${other}?tls=false`)).toMatch(/speaks TLS only/);
});

test('there is nothing to say about a host that is not there, or says nothing', async () => {
  expect(await whyUnreachable(`esdb://127.0.0.1:${await freePort()}`)).toBeUndefined();
  const silent = createServer(() => {});
  onTestFinished(() => void silent.close());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  // It gives up by itself after a second.
  expect(await whyUnreachable(`esdb://127.0.0.1:${port}`)).toBeUndefined();
});
