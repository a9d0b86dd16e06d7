import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Admin } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../src/embedded-postgres/port.js';
import type { KafkaSasl } from '../../../src/feeds/sinks/kafka/kafka-clients.js';
import { ownDirectory } from '../../support/certificate-files.js';
import { createAuthority } from '../../support/certificates.js';
import { startFeeding } from '../../support/filled-sink.js';
import { type Kafka, NO_KAFKA, startKafka } from '../../support/kafka.js';
import { kafkaSink } from '../../support/kafka-sink.js';

const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required';

describe.skipIf(NO_KAFKA)('what Kafka refuses is told in a sentence, and delivered when it is over', () => {
  let kafka: Kafka;
  let end = async () => {};

  beforeAll(async () => {
    kafka = await startKafka({
      protocol: 'SASL_PLAINTEXT',
      properties: {
        'sasl.enabled.mechanisms': 'PLAIN',
        'sasl.mechanism.inter.broker.protocol': 'PLAIN',
        'listener.name.sasl_plaintext.plain.sasl.jaas.config': `${PLAIN} username="broker" password="own" user_broker="own" user_feeds="right";`,
      },
      onEnd: (ended) => {
        end = ended;
      },
    });
  });

  afterAll(() => end());

  const feeds = (password: string): KafkaSasl => ({ mechanism: 'PLAIN', username: 'feeds', password });

  test('a wrong password', async () => {
    const feeding = await startFeeding();
    await feeding.book('carol');
    const lastError = async () => (await feeding.cursor('kafka'))?.lastError;
    const wrong = feeding.fill(kafkaSink(kafka, 'passwords', { sasl: feeds('wr0ng') }));
    await expect.poll(lastError).toMatch(/^Kafka refuses SINK_KAFKA_USERNAME or SINK_KAFKA_PASSWORD(?!.*wr0ng)/);
    await wrong.stop();
    feeding.fill(kafkaSink(kafka, 'passwords', { sasl: feeds('right') }));
    await expect.poll(() => feeding.cursor('kafka')).toMatchObject({ place: { position: 1n }, lastError: undefined });
  });

  test('a topic with too few replicas in sync', async () => {
    const feeding = await startFeeding();
    const three = await startKafka({ brokers: 3 });
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: three.brokers.split(',') });
    onTestFinished(() => admin.close());
    const configs = [{ name: 'min.insync.replicas', value: '3' }];
    await admin.createTopics({ topics: ['replicas'], partitions: 1, replicas: 3, configs });
    await feeding.book('carol');
    feeding.fill(kafkaSink(three, 'replicas', { replicas: 3 }));
    await expect.poll(() => feeding.cursor('kafka')).toMatchObject({ place: { position: 1n } });
    await three.signal(2, 'SIGKILL');
    await feeding.book('carol');
    await expect
      .poll(async () => (await feeding.cursor('kafka'))?.lastError, { timeout: 40_000 })
      // Once a transaction has failed, the next one waits for its end, which needs the replicas, too.
      .toMatch(/too few replicas of the topic are in sync/);
    await three.restart(2);
    await expect
      .poll(() => feeding.cursor('kafka'), { timeout: 40_000 })
      .toMatchObject({ place: { position: 2n }, lastError: undefined });
    expect(await three.read('replicas')).toHaveLength(2);
  }, 150_000);

  test('a certificate of an authority that is not trusted', async () => {
    const feeding = await startFeeding();
    await feeding.book('carol');
    const authority = await createAuthority();
    const directory = await ownDirectory();
    const file = async (name: string, text: string) => {
      const path = join(directory, name);
      await writeFile(path, text);
      return path;
    };
    const { cert, key } = await authority.issue();
    const ca = await file('ca.pem', authority.ca);
    const overTls = await startKafka({
      protocol: 'SSL',
      properties: {
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.location': await file('broker.pem', `${key}\n${cert}`),
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.location': ca,
      },
    });
    const untrusted = feeding.fill(kafkaSink(overTls, 'encrypted', { tls: true }));
    await expect
      .poll(async () => (await feeding.cursor('kafka'))?.lastError)
      .toMatch(/^the connection to Kafka failed: (?:UNABLE_TO|SELF_SIGNED)/);
    await untrusted.stop();
    feeding.fill(kafkaSink(overTls, 'encrypted', { tls: true, caFile: ca }));
    await expect.poll(() => feeding.cursor('kafka')).toMatchObject({ place: { position: 1n }, lastError: undefined });
  });

  test('a broker that is not there', async () => {
    const feeding = await startFeeding();
    await feeding.book('carol');
    feeding.fill(kafkaSink({ brokers: `127.0.0.1:${await freePort()}` }, 'nowhere'));
    await expect
      .poll(async () => (await feeding.cursor('kafka'))?.lastError)
      .toBe('the connection to Kafka failed: ECONNREFUSED');
  });
});
