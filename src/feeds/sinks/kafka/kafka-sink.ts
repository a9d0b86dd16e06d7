import type { Change } from '../../../application/change-feed.js';
import { within } from '../../../waiting.js';
import type { CloudEvent } from '../../cloud-event.js';
import type { OpenSink, OpenSinkParts } from '../sink.js';
import { createKafkaClients, type KafkaClients, type KafkaSettings } from './kafka-clients.js';
import { KafkaProblem, kafkaProblem } from './kafka-problem.js';
import { type KafkaRecord, partitionOf, recordOf } from './kafka-record.js';
import { partitionEnds } from './last-record.js';
import { countPartitions, findTopic, type Topic } from './topic.js';
import { whereItWas } from './where-it-was.js';

/** Milliseconds that the first look at the topic may take, and a transaction. */
const OPEN_TIMEOUT = 30_000;
const DELIVER_TIMEOUT = 15_000;

/** Milliseconds between two looks at how many partitions there are. */
const LOOK_INTERVAL = 30_000;

/** How many bytes of values one transaction has at most: a batch of a partition must not have more than a million. */
const MAX_BYTES = 500_000;

/** Let the brokers choose id and epoch of the producer. The client would name its own otherwise, and be refused. */
const NEW_PRODUCER = { producerId: -1n, producerEpoch: -1 } as const;

/**
 * A topic of Kafka to which each change is written once, for consumers that read committed records: by transactions,
 * whose id fences a process that goes on after another one has taken over.
 */
export async function openTopic(
  settings: KafkaSettings,
  cloudEvent: (change: Change) => CloudEvent,
  parts: OpenSinkParts,
): Promise<OpenSink> {
  const clients = createKafkaClients(settings);
  const { signal } = parts;

  async function inTime<Result>(ms: number, work: Promise<Result>): Promise<Result> {
    const error = () => new KafkaProblem(`Kafka gave no answer within ${ms / 1_000} s`);
    try {
      return await within(work, { limit: { ms, error }, signal });
    } catch (error) {
      signal.throwIfAborted();
      throw kafkaProblem(error);
    }
  }

  try {
    return await inTime(OPEN_TIMEOUT, open());
  } catch (error) {
    await clients.close();
    throw error;
  }

  async function open(): Promise<OpenSink> {
    const { producer } = clients;
    const topic = await findTopic(settings, clients);
    // From here on no other process can write, and nothing is half written: the end is the end.
    let transaction = await producer.beginTransaction(NEW_PRODUCER);
    const after = await whereItWas(topic.name, await partitionEnds(topic, clients), parts);
    const { lost, stop } = watchPartitions(topic, clients);

    async function write(messages: KafkaRecord[]): Promise<void> {
      await transaction.send({ messages });
      await transaction.commit();
      transaction = await producer.beginTransaction(NEW_PRODUCER);
    }

    async function deliver(changes: readonly Change[]): Promise<void> {
      let messages: KafkaRecord[] = [];
      let bytes = 0;
      for (const change of changes) {
        const partition = partitionOf(change.event.coachHashId, topic.leaders.length);
        const message = recordOf(cloudEvent(change), topic.name, partition);
        if (messages.length > 0 && bytes + message.value.length > MAX_BYTES) {
          await write(messages);
          [messages, bytes] = [[], 0];
        }
        messages.push(message);
        bytes += message.value.length;
      }
      if (messages.length > 0) await write(messages);
    }

    return {
      after,
      lost,
      deliver: (changes) => inTime(DELIVER_TIMEOUT, deliver(changes)),
      async close() {
        stop();
        await clients.close();
      },
    };
  }
}

/** Looks again and again whether partitions were added. */
function watchPartitions({ name, leaders }: Topic, clients: KafkaClients) {
  const lost = new AbortController();
  const timer = setInterval(async () => {
    const count = await countPartitions(name, clients).catch(() => leaders.length);
    if (count === leaders.length) return;
    lost.abort(new KafkaProblem(`the topic ${name} had ${leaders.length} partitions and has ${count} now`));
  }, LOOK_INTERVAL);
  return { lost: lost.signal, stop: () => clearInterval(timer) };
}
