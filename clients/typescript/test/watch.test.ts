import { Code } from '@connectrpc/connect';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startTestService, type TestService } from '../../../test/support/service.js';
import { startTcpProxy } from '../../../test/support/tcp-proxy.js';
import { type Change, createSchedulerClient, timestampFromDate, watchChanges } from '../src/node.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service?.stop());

let hour = 0;

async function book(coachHashId: string): Promise<void> {
  hour += 1;
  const start = timestampFromDate(new Date(Date.UTC(2030, 0, 1, hour)));
  const session = { coachHashId, clientHashId: `client-of-${coachHashId}`, start, duration: 60 };
  await createSchedulerClient({ baseUrl: service.httpUrl }).scheduleSession({ session });
}

describe.each(['connect', 'grpc-web', 'grpc'] as const)('over %s', (transport) => {
  test('a watch goes on where it was when the connection is lost, and gets each change once', async () => {
    const coachHashId = `coach-${transport}`;
    const proxy = await startTcpProxy(transport === 'grpc' ? `http://${service.grpcAddress}` : service.httpUrl);
    const leaving = new AbortController();
    onTestFinished(async () => {
      leaving.abort();
      await proxy.close();
    });
    const scheduler = createSchedulerClient({ baseUrl: proxy.url, transport });
    const changes: Change[] = [];
    let begun = false;
    const watching = (async () => {
      const messages = watchChanges(scheduler, { coachHashId, afterPosition: 0n }, { signal: leaving.signal });
      for await (const { change } of messages) {
        begun = true;
        if (change) changes.push(change);
      }
    })();
    watching.catch(() => {});
    await expect.poll(() => begun).toBe(true);
    for (const count of [1, 2, 3]) {
      await book(coachHashId);
      await expect.poll(() => changes.length).toBe(count);
      proxy.cut();
    }
    expect(changes.map(({ revision }) => revision)).toEqual([0n, 1n, 2n]);
    leaving.abort();
    await expect(watching).rejects.toMatchObject({ code: Code.Canceled });
  });
});

test('a watch that cannot begin is refused once', async () => {
  const scheduler = createSchedulerClient({ baseUrl: service.httpUrl });
  const watching = watchChanges(scheduler, { afterPosition: 99_999_999n });
  await expect(watching.next()).rejects.toMatchObject({ reason: 'INVALID_FIELDS', attempts: 1 });
});
