import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { limitAge } from '../../src/doors/grpc/connection-age.js';
import { createGrpcServer } from '../../src/doors/grpc/server.js';
import { doorLimits } from '../../src/doors/limits.js';

/** A connection to a server that answers calls with their headers, and ends them when told. */
async function connectWith(ageMs: number, graceMs: number) {
  const server = createServer();
  limitAge(server, ageMs, graceMs);
  const call = new Promise<() => void>((resolve) => {
    server.on('stream', (stream) => {
      stream.on('error', () => {}).respond({ ':status': 200 });
      resolve(() => stream.end());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    session.destroy();
    server.close();
  });
  return { session, call };
}

test('a connection of that age is closed', async () => {
  const { session } = await connectWith(50, 60_000);
  await once(session, 'close');
});

test('a call under way then is answered before', async () => {
  const { session, call } = await connectWith(100, 60_000);
  const stream = session.request({ ':path': '/' }).resume();
  const end = await call;
  await once(session, 'goaway');
  expect(stream.closed).toBe(false);
  end();
  await once(stream, 'end');
  await once(session, 'close');
});

test('a call that takes longer than the grace is cut off', async () => {
  const { session, call } = await connectWith(50, 100);
  session.request({ ':path': '/' }).on('error', () => {});
  await call;
  await once(session, 'close');
});

test('a timer is not made for each connection: Node would keep something of it for the whole age', async () => {
  const server = createGrpcServer({
    endpoints: [],
    maxRequestBytes: 10_000,
    limits: doorLimits(10_000),
    reflects: true,
  });
  const url = `http://127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const sessions = Array.from({ length: 50 }, () => connect(url));
  onTestFinished(async () => {
    timers.mockRestore();
    for (const session of sessions) session.destroy();
    await server.close(100);
  });
  await Promise.all(sessions.map((session) => once(session, 'remoteSettings')));
  const lengths = new Set(timers.mock.calls.map(([, ms]) => ms));
  expect(lengths.size).toBeLessThan(sessions.length);
});
