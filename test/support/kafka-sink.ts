import { cloudEvents } from '../../src/feeds/cloud-event.js';
import type { KafkaSettings } from '../../src/feeds/sinks/kafka/kafka-clients.js';
import { openTopic } from '../../src/feeds/sinks/kafka/kafka-sink.js';
import type { Sink } from '../../src/feeds/sinks/sink.js';
import { changeJson } from '../../src/handlers/answer/change-message.js';
import type { Kafka } from './kafka.js';

/** The sink for a topic of three partitions, which needs one replica. */
export function kafkaSink(
  { brokers }: Pick<Kafka, 'brokers'>,
  topic: string,
  settings: Partial<KafkaSettings> = {},
): Sink {
  const all: KafkaSettings = {
    brokers: brokers.split(','),
    topic,
    partitions: 3,
    replicas: 1,
    tls: false,
    caFile: undefined,
    sasl: undefined,
    ...settings,
  };
  const cloudEvent = cloudEvents('urn:test', changeJson);
  return { name: 'kafka', open: (parts) => openTopic(all, cloudEvent, parts) };
}
