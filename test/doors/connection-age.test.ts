import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { limitAge } from '../../src/doors/grpc/connection-age.js';
import { createGrpcServer } from '../../src/doors/grpc/server.js';
import { doorLimits } from '../../src/doors/limits.js';

/**
 * A connection to a server that answers calls with their headers, and ends them when told. Ages go by a clock that the
 * test sets.
 */
async function connectWith(ageMs: number, graceMs: number) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
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
  await once(session, 'remoteSettings');
  const closed = once(session, 'close');
  return { session, call, closed };
}

describe('a connection of an age, give or take a tenth,', () => {
  test('is closed', async () => {
    const { session, closed } = await connectWith(1_000, 60_000);
    vi.advanceTimersByTime(899);
    // What the server sent before its answer has arrived with it.
    await new Promise((answered) => session.ping(answered));
    await new Promise(setImmediate);
    expect(session.closed).toBe(false);
    vi.advanceTimersByTime(202);
    await closed;
  });

  test('has a call under way answered before', async () => {
    const { session, call, closed } = await connectWith(1_000, 60_000);
    const stream = session.request({ ':path': '/' }).resume();
    const end = await call;
    const goaway = once(session, 'goaway');
    vi.advanceTimersByTime(1_101);
    await goaway;
    expect(stream.closed).toBe(false);
    end();
    await once(stream, 'end');
    await closed;
  });

  test('has a call cut off that takes longer than the grace', async () => {
    const { session, call, closed } = await connectWith(1_000, 2_000);
    session.request({ ':path': '/' }).on('error', () => {});
    await call;
    vi.advanceTimersByTime(1_101 + 2_000);
    await closed;
  });
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
