import type { Logger } from 'pino';
import type { ChangeFeed } from './application/change-feed.js';
import type { Config } from './config/config.js';
import type { EventStore } from './event-store/event-store.js';
import { cloudEvents } from './feeds/cloud-event.js';
import { type FeedState, feedStates } from './feeds/feed-states.js';
import type { KafkaSettings } from './feeds/sinks/kafka/kafka-clients.js';
import type { RedisSinkSettings } from './feeds/sinks/redis/redis-sink.js';
import { runSink } from './feeds/sinks/run-sink.js';
import type { Sink } from './feeds/sinks/sink.js';
import { changeJson } from './handlers/answer/change-message.js';
import { createPool } from './postgres/pool.js';
import type { Shutdown } from './shutdown.js';

/** What feeds need of the service. */
export interface FeedsParts {
  readonly changes: ChangeFeed;
  readonly store: EventStore;
  /** The database of the read model, which has the schema `feeds`, too. */
  readonly url: string;
  readonly log: Logger;
}

/**
 * Starts to deliver changes to whom the settings name, until the shutdown. Answers a function that tells how feeds do:
 * all of them, whichever process delivers; it rejects when a database is unavailable.
 */
export function startFeeds(
  { changes, store, url, log }: FeedsParts,
  config: Config,
  shutdown: Shutdown,
): () => Promise<readonly FeedState[]> {
  const pool = createPool(url, { max: 1, applicationName: 'states of feeds', log });
  shutdown.add(() => pool.end());
  const ended = new AbortController();
  const parts = { feed: changes, store, url, log, signal: ended.signal };
  const running = sinksOf(config).map((sink) => runSink(sink, parts));
  shutdown.add(() => {
    ended.abort();
    return Promise.all(running);
  });
  return () => feedStates(pool, store, sinkNames(config));
}

/** The names of the sinks that the settings name. */
export function sinkNames(config: Config): readonly string[] {
  return sinksOf(config).map(({ name }) => name);
}

/** The sinks that the settings name. What a sink needs is loaded when it is opened, so that others do not pay for it. */
function sinksOf(config: Config): readonly Sink[] {
  const cloudEvent = cloudEvents(config.FEED_SOURCE, changeJson);
  const sinks: Sink[] = [];
  const redis = redisSettings(config);
  if (redis) {
    const open: Sink['open'] = async (parts) =>
      (await import('./feeds/sinks/redis/redis-sink.js')).openStream(redis, cloudEvent, parts);
    sinks.push({ name: 'redis', open });
  }
  const kafka = kafkaSettings(config);
  if (kafka) {
    const open: Sink['open'] = async (parts) =>
      (await import('./feeds/sinks/kafka/kafka-sink.js')).openTopic(kafka, cloudEvent, parts);
    sinks.push({ name: 'kafka', open });
  }
  return sinks;
}

function redisSettings(config: Config): RedisSinkSettings | undefined {
  const { SINK_REDIS_URL: url, SINK_REDIS_STREAM: stream } = config;
  const { SINK_REDIS_MAX_LENGTH: maxLength, SINK_REDIS_MAX_AGE: maxAge } = config;
  return url === undefined ? undefined : { url, stream, maxLength, maxAge };
}

function kafkaSettings(config: Config): KafkaSettings | undefined {
  const { SINK_KAFKA_BROKERS: brokers, SINK_KAFKA_TOPIC: topic } = config;
  const { SINK_KAFKA_PARTITIONS: partitions, SINK_KAFKA_REPLICAS: replicas } = config;
  const { SINK_KAFKA_TLS: tls, SINK_KAFKA_TLS_CA_FILE: caFile } = config;
  const { SINK_KAFKA_SASL: mechanism, SINK_KAFKA_USERNAME: username, SINK_KAFKA_PASSWORD: password } = config;
  const sasl =
    mechanism !== undefined && username !== undefined && password !== undefined
      ? { mechanism, username, password }
      : undefined;
  return brokers && { brokers, topic, partitions, replicas, tls, caFile, sasl };
}
