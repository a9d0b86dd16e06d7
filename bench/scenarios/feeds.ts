import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Consumer } from '@platformatic/kafka';
import { createClient } from '@redis/client';
import { inTurns, withDatabase, withSubject } from '../harness/measure.js';
import { type Bench, holds, type Outcome, type Row, rowOf, type Scenario } from '../harness/scenario.js';
import type { Subject } from '../harness/subject.js';
import { service } from '../harness/subjects.js';
import { bookOverRest, COACHES } from './book-rest.js';

/** Which part of the bookings the service must keep up with when changes go everywhere. */
const KEPT = 0.9;

/** Bookings a second while the way to the sinks is timed, and for how many seconds. */
const RATE = 1_000;
const SECONDS = 10;

/** Where the sinks are: this scenario starts neither. */
const REDIS = process.env['BENCH_REDIS_URL'];
const KAFKA = process.env['BENCH_KAFKA_BROKERS'];

/** What bookings lose by sinks and a webhook, and how long a change takes to get there. */
export const feeds: Scenario = {
  name: 'feeds',
  title: `book over REST with sinks and a webhook; and from the answer of a booking to them, at ${RATE.toLocaleString('en')} bookings a second`,

  async run(bench) {
    if (!REDIS || !KAFKA) {
      bench.leftOut.add('feeds (BENCH_REDIS_URL and BENCH_KAFKA_BROKERS do not say where Redis and Kafka are)');
      return { unit: 'bookings', rows: [], goals: [] };
    }
    const redis = withSinks('service, Redis', (name) => ({ SINK_REDIS_URL: REDIS, SINK_REDIS_STREAM: name }));
    const toKafka = (name: string) => ({
      SINK_KAFKA_BROKERS: KAFKA,
      SINK_KAFKA_TOPIC: name,
      SINK_KAFKA_REPLICAS: '1',
    });
    const kafka = withSinks('service, Kafka', toKafka);
    const both = withSinks('service, Redis and Kafka', (name) => ({
      SINK_REDIS_URL: REDIS,
      SINK_REDIS_STREAM: name,
      ...toKafka(name),
    }));
    const receiver = await startReceiver();
    try {
      const webhook = withWebhook({ ...service, name: 'service, a webhook' });
      const everything = withWebhook({ ...both, name: 'service, Redis, Kafka and a webhook' });
      const subjects = [service, redis, kafka, webhook, everything];
      const rounds = await inTurns(bench, subjects, async (subject, running, url) => {
        if (subject === webhook || subject === everything) await createWebhook(running.httpUrl, receiver.url);
        return bookOverRest(bench, subject, running, url);
      });
      const rows = subjects.map((subject) => rowOf(subject, rounds.get(subject)!));
      const paced = await latencies(bench, everything, REDIS, KAFKA, receiver);
      const kept = paced.perSecond / RATE;
      const target = `${everything.name}: ≥ ${KEPT}× of ${RATE.toLocaleString('en')} bookings a second`;
      const goal = holds(target, kept >= KEPT, `${paced.perSecond.toFixed(0)}/s`);
      return { unit: 'bookings', rows: [...rows, ...paced.rows], goals: [goal] } satisfies Outcome;
    } finally {
      receiver.close();
    }
  },
};

/** The service with sinks of its own: a stream or a topic belongs to one log. */
function withSinks(name: string, settings: (target: string) => Record<string, string>): Subject {
  return { ...service, name, env: (url) => ({ ...service.env(url), ...settings(targetOf(url)) }) };
}

/** A service that may post to this machine. */
function withWebhook(subject: Subject): Subject {
  return { ...subject, env: (url) => ({ ...subject.env(url), WEBHOOK_ALLOW_PRIVATE: 'true' }) };
}

async function createWebhook(httpUrl: string, url: string): Promise<void> {
  const answer = await fetch(`${httpUrl}/api/v1/webhooks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ webhook: { url } }),
  });
  if (answer.status !== 201) throw new Error(`the webhook was answered ${answer.status}: ${await answer.text()}`);
}

/** Takes what webhooks bring. */
interface Receiver {
  readonly url: string;
  /** When each session's change came, by `performance.now()`. */
  readonly arrived: Map<string, number>;
  close(): void;
}

async function startReceiver(): Promise<Receiver> {
  const arrived = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { subject } = JSON.parse(Buffer.concat(chunks).toString()) as { subject: string };
      arrived.set(subject, performance.now());
      response.writeHead(204).end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, arrived, close: () => void server.close() };
}

function targetOf(databaseUrl: string): string {
  return `bench-${new URL(databaseUrl).pathname.slice(1)}`;
}

/** Bookings at a rate, and how long after its answer each is where changes go. */
interface Paced {
  readonly perSecond: number;
  readonly rows: readonly Row[];
}

function latencies(
  bench: Bench,
  subject: Subject,
  redisUrl: string,
  brokers: string,
  receiver: Receiver,
): Promise<Paced> {
  return withDatabase(bench, (url) =>
    withSubject(bench, subject, url, async ({ httpUrl }) => {
      const answered = new Map<string, number>();
      const arrived = {
        redis: new Map<string, number>(),
        kafka: new Map<string, number>(),
        webhook: receiver.arrived,
      };
      await createWebhook(httpUrl, receiver.url);
      const ended = new AbortController();
      // The first booking makes the topic and warms everything up.
      await bookPaced(httpUrl, 0, 2 * RATE, answered);
      const readers = [
        readRedis(redisUrl, targetOf(url), arrived.redis, ended.signal),
        await readKafka(brokers, targetOf(url), arrived.kafka, ended.signal),
      ];
      await pause(3_000);
      answered.clear();
      const began = performance.now();
      await bookPaced(httpUrl, 2 * RATE, SECONDS * RATE, answered);
      const perSecond = (SECONDS * RATE) / ((performance.now() - began) / 1_000);
      const all = () => Object.values(arrived).every((there) => [...answered.keys()].every((id) => there.has(id)));
      for (let waited = 0; waited < 60 && !all(); waited += 1) await pause(1_000);
      ended.abort();
      await Promise.allSettled(readers);
      const rows = [
        rowFor('answer to Redis', answered, arrived.redis),
        rowFor('answer to Kafka', answered, arrived.kafka),
        rowFor('answer to webhook', answered, arrived.webhook),
      ];
      return { perSecond, rows };
    }),
  );
}

async function bookPaced(httpUrl: string, first: number, count: number, answered: Map<string, number>): Promise<void> {
  const started = performance.now();
  const all: Promise<void>[] = [];
  for (let n = 0; n < count; n += 1) {
    const wait = started + (1_000 * n) / RATE - performance.now();
    if (wait > 1) await pause(wait);
    all.push(book(httpUrl, first + n, answered));
  }
  await Promise.all(all);
}

async function book(httpUrl: string, n: number, answered: Map<string, number>): Promise<void> {
  const start = new Date(Date.UTC(2040, 0, 1, Math.floor(n / COACHES))).toISOString();
  const session = { coach_hash_id: `coach-${n % COACHES}`, client_hash_id: `client-${n}`, start, duration: 60 };
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${httpUrl}/api/v1/sessions`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ session }),
  });
  const at = performance.now();
  if (answer.status !== 201) throw new Error(`a booking was answered ${answer.status}: ${await answer.text()}`);
  answered.set(((await answer.json()) as { session: { id: string } }).session.id, at);
}

async function readRedis(
  url: string,
  stream: string,
  arrived: Map<string, number>,
  signal: AbortSignal,
): Promise<void> {
  const client = createClient({ url, RESP: 2 });
  await client.connect();
  signal.addEventListener('abort', () => client.destroy());
  for (let id = '0-0'; !signal.aborted; ) {
    const answer = await client.sendCommand<[string, [string, string[]][]][] | null>([
      'XREAD',
      'COUNT',
      '500',
      'BLOCK',
      '1000',
      'STREAMS',
      stream,
      id,
    ]);
    const at = performance.now();
    for (const [entry, fields] of answer?.[0]?.[1] ?? []) {
      arrived.set(fields[fields.indexOf('subject') + 1]!, at);
      id = entry;
    }
  }
}

async function readKafka(brokers: string, topic: string, arrived: Map<string, number>, signal: AbortSignal) {
  const consumer = new Consumer({ clientId: 'bench', groupId: topic, bootstrapBrokers: brokers.split(',') });
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false, maxWaitTime: 500 });
  signal.addEventListener('abort', () => void stream.close().then(() => consumer.close(true)));
  const read = async () => {
    for await (const { headers } of stream) {
      const at = performance.now();
      arrived.set(String(new Map([...headers].map(([name, value]) => [String(name), value])).get('ce_subject')), at);
    }
  };
  return { done: read() };
}

function rowFor(subject: string, answered: ReadonlyMap<string, number>, arrived: ReadonlyMap<string, number>): Row {
  const times = [...answered].map(([id, at]) => {
    const there = arrived.get(id);
    if (there === undefined) throw new Error(`${subject}: session ${id} did not arrive`);
    return Math.max(0, there - at);
  });
  times.sort((one, other) => one - other);
  const at = (part: number) => times[Math.floor(part * (times.length - 1))]!;
  return { subject, perSecond: RATE, p50: at(0.5), p99: at(0.99), note: 'milliseconds from the answer of a booking' };
}
