import { randomUUID } from 'node:crypto';
import { Admin, Producer } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Change } from '../../../src/application/change-feed.js';
import type { KafkaSettings } from '../../../src/feeds/sinks/kafka/kafka-clients.js';
import type { OpenSink } from '../../../src/feeds/sinks/sink.js';
import { startFeeding } from '../../support/filled-sink.js';
import { type JavaRecord, type Kafka, NO_KAFKA, startKafka } from '../../support/kafka.js';
import { kafkaSink } from '../../support/kafka-sink.js';

describe.skipIf(NO_KAFKA)('a topic of Kafka', () => {
  let kafka: Kafka;
  let end = async () => {};

  beforeAll(async () => {
    kafka = await startKafka({ onEnd: (ended) => (end = ended) });
  });

  afterAll(() => end());

  /** Names a topic that no other test has. */
  const newTopic = () => `changes-${randomUUID()}`;

  const sinkTo = (topic: string, settings?: Partial<KafkaSettings>) => kafkaSink(kafka, topic, settings);

  const admin = () => {
    const client = new Admin({ clientId: 'test', bootstrapBrokers: kafka.brokers.split(',') });
    onTestFinished(() => client.close());
    return client;
  };

  const ids = (read: readonly JavaRecord[]) => read.map(({ headers }) => headers['ce_id']);
  const told = async (topic: string) => ids(await kafka.read(topic)).toSorted();
  const idsOf = async (topic: string, coach: string) =>
    ids((await kafka.read(topic)).filter(({ key }) => key === coach));

  test('has every change once, those of a coach in order, as CloudEvents', async () => {
    const feeding = await startFeeding();
    const topic = newTopic();
    const first = await feeding.book('carol', 'dora', 'carol');
    feeding.fill(sinkTo(topic));
    const all = [...first, ...(await feeding.book('carol', 'dora'))];
    await expect.poll(() => told(topic)).toEqual(all.toSorted());
    expect(await idsOf(topic, 'carol')).toEqual([all[0], all[2], all[3]]);
    for (const { partition, partitionOfKey } of await kafka.read(topic)) expect(partition).toBe(partitionOfKey);
    const [record] = (await kafka.read(topic)).filter(({ headers }) => headers['ce_id'] === all[0]);
    expect(record!.headers).toEqual({
      ce_specversion: '1.0',
      ce_id: all[0],
      ce_source: 'urn:test',
      ce_type: 'aceup.scheduler.v1.SessionScheduled',
      ce_subject: all[0],
      ce_time: '2030-01-01T00:00:00Z',
      ce_partitionkey: 'carol',
      ce_sequence: '0000000000000000001',
      'content-type': 'application/json',
    });
    expect(JSON.parse(record!.value)).toMatchObject({ id: all[0], position: '1', session: { coach_hash_id: 'carol' } });
  });

  test('goes on where it ends, without the cursor', async () => {
    const feeding = await startFeeding();
    const topic = newTopic();
    const all = await feeding.book('carol', 'dora', 'erin');
    const first = feeding.fill(sinkTo(topic));
    await expect.poll(() => told(topic)).toEqual(all.toSorted());
    await first.stop();
    all.push(...(await feeding.book('carol', 'dora')));
    feeding.fill({ name: 'kafka', open: (parts) => sinkTo(topic).open({ ...parts, saved: undefined }) });
    await expect.poll(() => told(topic)).toEqual(all.toSorted());
  });

  test('goes on after transactions that were aborted', async () => {
    const feeding = await startFeeding();
    const topic = newTopic();
    const all = await feeding.book('carol');
    const first = feeding.fill(sinkTo(topic, { partitions: 1 }));
    await expect.poll(() => told(topic)).toEqual(all);
    await first.stop();
    const producer = new Producer({
      clientId: 'test',
      bootstrapBrokers: kafka.brokers.split(','),
      idempotent: true,
      retryDelay: 10,
      retries: 100,
      transactionalId: `session-scheduler.${topic}`,
    });
    onTestFinished(() => producer.close(true));
    for (let n = 0; n < 10; n += 1) {
      const aborted = await producer.beginTransaction({ producerId: -1n, producerEpoch: -1 });
      await aborted.send({ messages: [{ topic, partition: 0, key: Buffer.from('x'), value: Buffer.from('never') }] });
      await aborted.abort();
    }
    // And one that is left open.
    const open = await producer.beginTransaction({ producerId: -1n, producerEpoch: -1 });
    await open.send({ messages: [{ topic, partition: 0, key: Buffer.from('x'), value: Buffer.from('never') }] });
    all.push(...(await feeding.book('dora', 'carol')));
    feeding.fill(sinkTo(topic));
    await expect.poll(() => told(topic)).toEqual(all.toSorted());
  });

  test('goes on by the cursor when retention has emptied it', async () => {
    const feeding = await startFeeding();
    const topic = newTopic();
    const all = await feeding.book('carol', 'dora', 'erin');
    const first = feeding.fill(sinkTo(topic));
    await expect.poll(async () => (await feeding.cursor('kafka'))?.place?.id).toBe(all.at(-1));
    await first.stop();
    const partitions = [0, 1, 2].map((partition) => ({ partition, offset: -1n }));
    await admin().deleteRecords({ topics: [{ name: topic, partitions }] });
    expect(await told(topic)).toEqual([]);
    const next = await feeding.book('carol', 'dora');
    feeding.fill(sinkTo(topic));
    await expect.poll(() => told(topic)).toEqual(next.toSorted());
  });

  test('is filled again when it was deleted', async () => {
    const feeding = await startFeeding();
    const topic = newTopic();
    const all = await feeding.book('carol', 'dora', 'erin');
    const first = feeding.fill(sinkTo(topic));
    await expect.poll(async () => (await feeding.cursor('kafka'))?.place?.id).toBe(all.at(-1));
    await first.stop();
    await admin().deleteTopics({ topics: [topic] });
    feeding.fill(sinkTo(topic));
    await expect.poll(() => told(topic)).toEqual(all.toSorted());
  });

  test('refuses a process that goes on after another one has filled it', async () => {
    const feeding = await startFeeding();
    const topic = newTopic();
    const all = await feeding.book('carol');
    const sink = sinkTo(topic);
    let frozen: OpenSink | undefined;
    let last: Change | undefined;
    const first = feeding.fill({
      name: 'kafka',
      async open(parts) {
        frozen = await sink.open({ ...parts, signal: new AbortController().signal });
        const deliver = (changes: readonly Change[]) => {
          last = changes.at(-1);
          return frozen!.deliver(changes);
        };
        return { ...frozen, deliver, close: async () => {} };
      },
    });
    await expect.poll(() => told(topic)).toEqual(all);
    await first.stop();
    feeding.fill(sink);
    all.push(...(await feeding.book('carol', 'dora')));
    await expect.poll(() => told(topic)).toEqual(all.toSorted());
    await expect(frozen!.deliver([{ ...last!, position: 4n }])).rejects.toThrow('another process fills the topic now');
    expect(await told(topic)).toEqual(all.toSorted());
    await frozen!.close();
  });

  test('that has records of somebody else stays as it is, and the feed says why', async () => {
    const feeding = await startFeeding();
    const topic = newTopic();
    await admin().createTopics({ topics: [topic], partitions: 2, replicas: 1 });
    const producer = new Producer({ clientId: 'test', bootstrapBrokers: kafka.brokers.split(',') });
    onTestFinished(() => producer.close(true));
    await producer.send({ messages: [{ topic, partition: 1, key: Buffer.from('x'), value: Buffer.from('foreign') }] });
    await feeding.book('carol');
    feeding.fill(sinkTo(topic));
    await expect
      .poll(async () => (await feeding.cursor('kafka'))?.lastError)
      .toMatch(/^the last record of partition 1 of the topic .* is none of this service: nothing is written to it/);
    expect(await kafka.read(topic)).toHaveLength(1);
  });

  test.each([
    [
      'is compacted',
      { 'cleanup.policy': 'compact' },
      {},
      /is compacted, which removes all changes of a coach but the last/,
    ],
    ['has fewer replicas than asked for', {}, { replicas: 2 }, /has 1 replicas and SINK_KAFKA_REPLICAS asks for 2/],
  ])('that %s is refused in a sentence', async (_, configs, settings, message) => {
    const feeding = await startFeeding();
    const topic = newTopic();
    const entries = Object.entries(configs).map(([name, value]) => ({ name, value }));
    await admin().createTopics({ topics: [topic], partitions: 2, replicas: 1, configs: entries });
    feeding.fill(sinkTo(topic, settings));
    await expect.poll(async () => (await feeding.cursor('kafka'))?.lastError).toMatch(message);
  });

  test('that cannot have its replicas is not made, and the feed says why', async () => {
    const feeding = await startFeeding();
    feeding.fill(sinkTo(newTopic(), { replicas: 3 }));
    await expect
      .poll(async () => (await feeding.cursor('kafka'))?.lastError)
      .toMatch(/^Kafka has fewer brokers than SINK_KAFKA_REPLICAS asks for/);
  });

  test('that gets more partitions keeps what it has, and takes more', async () => {
    const feeding = await startFeeding();
    const topic = newTopic();
    const all = await feeding.book('carol', 'dora', 'erin', 'frank');
    const first = feeding.fill(sinkTo(topic));
    await expect.poll(() => told(topic)).toEqual(all.toSorted());
    await first.stop();
    await admin().createPartitions({ topics: [{ name: topic, count: 7, assignments: null as never }] });
    all.push(...(await feeding.book('carol', 'dora', 'erin', 'frank')));
    feeding.fill(sinkTo(topic));
    await expect.poll(() => told(topic)).toEqual(all.toSorted());
  });
});
