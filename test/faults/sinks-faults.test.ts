import { createClient } from '@redis/client';
import { pino } from 'pino';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { START } from '../../src/event-store/event-store.js';
import { openPostgresEventStore } from '../../src/event-store/postgres/postgres-event-store.js';
import { changesOf } from '../../src/feeds/changes-of.js';
import { pause } from '../../src/waiting.js';
import { createTestDatabase } from '../support/database.js';
import { type Kafka, NO_KAFKA, startKafka } from '../support/kafka.js';
import { startReceiver } from '../support/receiver.js';
import { NO_REDIS, startRedis } from '../support/redis.js';
import { buildService, type ServiceProcess, startServiceProcess } from '../support/service-process.js';

beforeAll(buildService);

const BOOKINGS = 3_000;
const COACHES = 30;
const WRITERS = 8;

/** Milliseconds for which something is frozen: longer than anybody waits for it. */
const FROZEN = 6_000;

/** Two processes of the service, one of which may be away. */
async function startProcesses(settings: Record<string, string>) {
  const start = () => startServiceProcess({ LOG_LEVEL: 'warn', ...settings });
  const processes: ServiceProcess[] = [await start(), await start()];
  onTestFinished(async () => {
    for (const one of processes) one.signal('SIGCONT');
    await Promise.all(processes.map((one) => one.end('SIGKILL')));
  });

  async function book(n: number): Promise<void> {
    const start = new Date(Date.UTC(2030, 0, 1, Math.floor(n / COACHES))).toISOString();
    const session = { coach_hash_id: `coach-${n % COACHES}`, client_hash_id: `client-${n}`, start, duration: 60 };
    const body = JSON.stringify({ session, request_id: `request-${n}` });
    for (let attempt = 0; ; attempt += 1) {
      const { httpUrl } = processes[(n + attempt) % 2]!;
      const signal = AbortSignal.timeout(3_000);
      const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal };
      const status = await fetch(`${httpUrl}/api/v1/sessions`, sent).then(
        (answer) => answer.status,
        () => 503,
      );
      if (status === 201 || status === 200) return;
      if (status < 500) throw new Error(`booking ${n} was answered ${status}`);
      await pause(50);
    }
  }

  return {
    book,
    async createWebhook(url: string) {
      const answer = await fetch(`${processes[0]!.httpUrl}/api/v1/webhooks`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ webhook: { url } }),
      });
      expect(answer.status).toBe(201);
    },
    async kill(at: number) {
      await processes[at]!.end('SIGKILL');
      processes[at] = await start();
    },
    async freeze(at: number) {
      processes[at]!.signal('SIGSTOP');
      await pause(FROZEN);
      processes[at]!.signal('SIGCONT');
    },
  };
}

/** Books from several writers, while the faults happen one after the other. */
async function bookUnder(faults: readonly (() => Promise<void>)[], book: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  let isOver = false;
  const write = async () => {
    while (next < BOOKINGS || !isOver) {
      next += 1;
      await book(next - 1);
      // All through the faults, however quick the machine.
      if (next >= BOOKINGS / 2) await pause(20);
    }
  };
  const happening = (async () => {
    for (const fault of faults) await fault();
    isOver = true;
  })();
  await Promise.all([happening, ...Array.from({ length: WRITERS }, write)]);
}

/** The ids of all changes in the log, and those of each coach, in order. */
async function changesIn(url: string) {
  const store = await openPostgresEventStore(url, { log: pino({ level: 'silent' }) });
  const [head, ended] = [await store.head(), new AbortController()];
  const all: string[] = [];
  const ofCoaches = new Map<string, string[]>();
  for await (const { events, position } of store.subscribe(START, { prefixes: ['coach-'] }, ended.signal)) {
    for (const { id, event } of changesOf(events)) {
      all.push(id);
      ofCoaches.set(event.coachHashId, [...(ofCoaches.get(event.coachHashId) ?? []), id]);
    }
    if (position >= head) break;
  }
  ended.abort();
  await store.close();
  return { all, ofCoaches };
}

/** The ids of the changes of each coach in a topic, as a client of Java reads them. */
async function toldInKafka(kafka: Kafka): Promise<Map<string, string[]>> {
  const ofCoaches = new Map<string, string[]>();
  for (const { key, headers } of await kafka.read('session-changes')) {
    ofCoaches.set(key, [...(ofCoaches.get(key) ?? []), headers['ce_id']!]);
  }
  return ofCoaches;
}

/** A receiver that refuses some changes, hangs up at some, and is slow at some, with the ids that it took of each coach. */
async function startBadReceiver() {
  const receiver = await startReceiver();
  const taken = new Map<string, Set<string>>();
  receiver.answerWith(({ event }, response) => {
    const take = () => {
      taken.set(event.partitionkey, (taken.get(event.partitionkey) ?? new Set()).add(event.id));
      response.writeHead(204).end();
    };
    const chance = Math.random();
    if (chance < 0.02) response.writeHead(500).end();
    else if (chance < 0.03) response.destroy();
    else if (chance < 0.05) setTimeout(take, 300);
    else take();
  });
  return { url: receiver.url, taken };
}

describe.skipIf(NO_REDIS || NO_KAFKA)('under load and faults', () => {
  test('Redis, Kafka and a webhook get every change, those of a coach in order', { timeout: 300_000 }, async () => {
    const { url, drop } = await createTestDatabase();
    onTestFinished(drop);
    const [redis, kafka] = await Promise.all([startRedis(), startKafka({ brokers: 3 })]);
    const service = await startProcesses({
      EVENT_STORE_URL: url,
      SINK_REDIS_URL: redis.url,
      SINK_KAFKA_BROKERS: kafka.brokers,
      WEBHOOK_ALLOW_PRIVATE: 'true',
    });
    const receiver = await startBadReceiver();
    await service.createWebhook(receiver.url);
    const freeze = async (what: { signal(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> }) => {
      await what.signal('SIGSTOP');
      await pause(FROZEN);
      await what.signal('SIGCONT');
    };
    const broker = (id: number) => ({ signal: (name: 'SIGSTOP' | 'SIGCONT') => kafka.signal(id, name) });
    const killBroker = async (id: number) => {
      await kafka.signal(id, 'SIGKILL');
      await pause(1_000);
      await kafka.restart(id);
    };
    const killRedis = async () => {
      await redis.signal('SIGKILL');
      await redis.restart();
    };
    const faults = [
      () => service.kill(0),
      () => killBroker(0),
      async () => void (await Promise.all([freeze(redis), freeze(broker(1))])),
      () => service.freeze(1),
      killRedis,
      () => killBroker(2),
      () => service.kill(1),
    ];
    await bookUnder(faults, service.book);

    const { all, ofCoaches } = await changesIn(url);
    expect(all.length).toBeGreaterThanOrEqual(BOOKINGS);
    const client = createClient({ url: redis.url, RESP: 2 });
    await client.connect();
    onTestFinished(() => client.destroy());
    const toldInRedis = async () =>
      ((await client.xRange('session-changes', '-', '+')) ?? []).map((one) => one.message['id']);
    await expect.poll(async () => (await toldInRedis()).length, { timeout: 60_000 }).toBe(all.length);
    expect(await toldInRedis()).toEqual(all);
    const countInKafka = async () => (await kafka.read('session-changes').catch(() => [])).length;
    await expect.poll(countInKafka, { timeout: 60_000, interval: 1_000 }).toBeGreaterThanOrEqual(all.length);
    expect(await toldInKafka(kafka)).toEqual(ofCoaches);
    // Some may have come twice, behind what followed them.
    const takenByReceiver = () => new Map([...receiver.taken].map(([coach, ids]) => [coach, [...ids]]));
    await expect.poll(takenByReceiver, { timeout: 60_000 }).toEqual(ofCoaches);
  });
});
