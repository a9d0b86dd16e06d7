import { once } from 'node:events';
import { connect } from 'node:http2';
import {
  type ClientReadableStream,
  credentials,
  loadPackageDefinition,
  type ServiceClientConstructor,
  type ServiceError,
  type StatusObject,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath } from 'grpc-health-check';
import { expect, onTestFinished, test } from 'vitest';
import { createGrpcServer } from '../../src/doors/grpc/server.js';
import { doorLimits } from '../../src/doors/limits.js';
import { heapInUse } from '../support/heap.js';

const MAX_BYTES = 64 * 1024;

const { Health } = (
  loadPackageDefinition(loadSync(protoPath)) as unknown as {
    grpc: { health: { v1: { Health: ServiceClientConstructor } } };
  }
).grpc.health.v1;

/**
 * A server for one test, and a client that watches its health.
 * @param maxStreams how many streams an address may have open
 */
async function openHealth(maxStreams?: number) {
  const server = createGrpcServer({
    endpoints: [],
    maxRequestBytes: MAX_BYTES,
    limits: doorLimits(MAX_BYTES, [], maxStreams),
    reflects: false,
  });
  const port = await server.listen('127.0.0.1', 0);
  const client = new Health(`127.0.0.1:${port}`, credentials.createInsecure());
  onTestFinished(async () => {
    client.close();
    await server.close(100);
  });
  const watch = (service: string): ClientReadableStream<unknown> => client['Watch']!({ service }).on('error', () => {});
  return { server, port, watch };
}

const SERVING = 1;
const NOT_SERVING = 2;
const SERVICE_UNKNOWN = 3;

test('who watches the server is told of every change', async () => {
  const { server, watch } = await openHealth();
  const stream = watch('');
  expect(await once(stream, 'data')).toEqual([{ status: NOT_SERVING }]);
  server.setServing(true);
  expect(await once(stream, 'data')).toEqual([{ status: SERVING }]);
});

/** How a stream ends. */
function endOf(stream: ClientReadableStream<unknown>): Promise<Pick<StatusObject, 'code' | 'details'>> {
  return new Promise((resolve) => {
    stream.once('status', ({ code, details }) => resolve({ code, details }));
  });
}

const STOPPING = { code: status.UNAVAILABLE, details: 'the service is stopping' };

test('at the shutdown, watchers are told so first, then their streams end', async () => {
  const { server, watch } = await openHealth();
  server.setServing(true);
  const [served, other] = [watch(''), watch('no service')];
  await Promise.all([once(served, 'data'), once(other, 'data')]);
  const told: unknown[] = [];
  served.on('data', (message) => told.push(message));
  const ends = [served, other].map(endOf);
  server.setServing(false);
  server.endStreams();
  expect(await Promise.all(ends)).toEqual([STOPPING, STOPPING]);
  expect(told).toEqual([{ status: NOT_SERVING }]);
  expect(await endOf(watch('').resume())).toEqual(STOPPING);
});

test('a watcher who takes its messages after the shutdown began is told the same', async () => {
  const { server, port } = await openHealth();
  const session = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 0 } });
  onTestFinished(() => session.destroy());
  const stream = session.request({
    ':method': 'POST',
    ':path': '/grpc.health.v1.Health/Watch',
    'content-type': 'application/grpc',
  });
  stream.end(Buffer.alloc(5)).resume();
  await once(stream, 'response');
  server.endStreams();
  server.setServing(true);
  // The server has read this before it hears that the stream may go on.
  await new Promise((resolve) => session.ping(resolve));
  session.settings({ initialWindowSize: 65_535 });
  const [trailers] = await once(stream, 'trailers');
  expect(trailers['grpc-status']).toBe(String(status.UNAVAILABLE));
});

test('names that are not served are unknown, and forgotten', async () => {
  const { watch } = await openHealth();
  async function watchLong(count: number): Promise<void> {
    for (let number = 0; number < count; number += 1) {
      const stream = watch(`${number}`.padEnd(60_000, 'x'));
      expect(await once(stream, 'data')).toEqual([{ status: SERVICE_UNKNOWN }]);
      stream.cancel();
    }
  }
  await watchLong(50);
  const before = heapInUse();
  await watchLong(300);
  // All of them would be 18 MB.
  expect(heapInUse() - before).toBeLessThan(6_000_000);
});

test('an address may watch over so many streams, and over another when one has ended', async () => {
  const { watch } = await openHealth(2);
  const begin = (stream: ReturnType<typeof watch>) =>
    once(stream, 'data').then(
      () => 'told',
      ({ code, details }: ServiceError) => ({ code, details }),
    );
  const first = watch('');
  expect(await begin(first)).toBe('told');
  expect(await begin(watch('no service'))).toBe('told');
  expect(await begin(watch(''))).toEqual({
    code: status.RESOURCE_EXHAUSTED,
    details: expect.stringMatching(/^at most 2 open streams/),
  });
  first.cancel();
  await expect.poll(() => begin(watch(''))).toBe('told');
});
