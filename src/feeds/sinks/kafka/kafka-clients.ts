import { readFileSync } from 'node:fs';
import { Admin, Consumer, Producer } from '@platformatic/kafka';
import { waitAtMost } from '../../../waiting.js';

/** Where the topic is, and how to get there. */
export interface KafkaSettings {
  /** Each `host:port`. */
  readonly brokers: readonly string[];
  readonly topic: string;
  /** For a topic that has to be made. */
  readonly partitions: number;
  /** How many replicas the topic must have at least. */
  readonly replicas: number;
  readonly tls: boolean;
  /** The file of the authorities that may have signed the certificates of the brokers; undefined: those of Node. */
  readonly caFile: string | undefined;
  readonly sasl: KafkaSasl | undefined;
}

/** How the service proves to brokers who it is. */
export interface KafkaSasl {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  readonly username: string;
  readonly password: string;
}

/** The clients of one run of the feed. What has thrown is not used again. */
export interface KafkaClients {
  readonly producer: Producer;
  readonly consumer: Consumer;
  readonly admin: Admin;
  /** Closes them, also those that hang. Never rejects. */
  close(): Promise<void>;
}

/** In milliseconds. A transaction that is left open ends after as long as a request may take. */
const CONNECT_TIMEOUT = 3_000;
const REQUEST_TIMEOUT = 10_000;
const CLOSE_TIMEOUT = 500;

/** Brokers ask to come again while the transaction before is about to end, which takes some milliseconds. */
const RETRIES = 12;
const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 500;

/** What the ids of transactions begin with; the topic follows. */
const TRANSACTIONS = 'session-scheduler.';

/** Makes the clients, which connect when they are used. Throws for a file that cannot be read. */
export function createKafkaClients({ brokers, topic, tls, caFile, sasl }: KafkaSettings): KafkaClients {
  const options = {
    clientId: 'session-scheduler',
    bootstrapBrokers: [...brokers],
    connectTimeout: CONNECT_TIMEOUT,
    requestTimeout: REQUEST_TIMEOUT,
    timeout: REQUEST_TIMEOUT,
    retries: RETRIES,
    retryDelay: (_: unknown, __: string, attempt: number) => Math.min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE),
    autocreateTopics: false,
    ...(tls && { tls: caFile === undefined ? {} : { ca: readAuthorities(caFile) } }),
    ...(sasl && { sasl }),
  };
  const producer = new Producer({ ...options, idempotent: true, transactionalId: TRANSACTIONS + topic });
  const consumer = new Consumer({ ...options, groupId: TRANSACTIONS + topic });
  const admin = new Admin(options);
  const all = [producer, consumer, admin];
  // They report to the caller, too.
  for (const client of all) client.on('error', () => {});
  return {
    producer,
    consumer,
    admin,
    close: () =>
      waitAtMost(CLOSE_TIMEOUT, Promise.allSettled([producer.close(true), consumer.close(true), admin.close()])),
  };
}

function readAuthorities(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(`the file that SINK_KAFKA_TLS_CA_FILE names cannot be read (${code})`, { cause });
  }
}
