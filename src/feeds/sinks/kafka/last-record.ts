import { FetchIsolationLevels, type RecordsBatch } from '@platformatic/kafka';
import type { KafkaClients } from './kafka-clients.js';
import type { ReadRecord } from './kafka-record.js';
import type { Topic } from './topic.js';

/** How a partition ends. */
export interface PartitionEnd {
  /** Whether records were removed from its beginning. */
  readonly isCut: boolean;
  /** The last record that was committed; undefined: none is left, or there never was one. */
  readonly last: ReadRecord | undefined;
}

/** How far before the end to look first: the last record stands before the marker of its transaction. */
const FIRST_STEP = 8n;

/** What a fetch may bring. A batch comes whole, however large. */
const MAX_BYTES = 1_048_576;
const MAX_WAIT = 100;

const COMMITTED = FetchIsolationLevels.READ_COMMITTED;
const EARLIEST = -2n;
const LATEST = -1n;

/** How each partition ends, once no transaction of this service is open. */
export async function partitionEnds(
  topic: Topic,
  { consumer }: Pick<KafkaClients, 'consumer'>,
): Promise<PartitionEnd[]> {
  consumer.topics.track(topic.name);
  const topics = [topic.name];
  const earliest = await consumer.listOffsets({ topics, timestamp: EARLIEST });
  const latest = await consumer.listOffsets({ topics, timestamp: LATEST, isolationLevel: COMMITTED });
  const ends: PartitionEnd[] = [];
  for (const partition of topic.leaders.keys()) {
    const [start, end] = [earliest.get(topic.name)![partition]!, latest.get(topic.name)![partition]!];
    ends.push({ isCut: start > 0n, last: await lastRecord({ topic, partition, start, end }, consumer) });
  }
  return ends;
}

interface Range {
  readonly topic: Topic;
  readonly partition: number;
  /** The first offset that is there, and the one after the last. */
  readonly start: bigint;
  readonly end: bigint;
}

/** Looks further and further back: the end may be markers, and what was aborted. */
async function lastRecord(range: Range, consumer: KafkaClients['consumer']): Promise<ReadRecord | undefined> {
  const { start, end } = range;
  for (let step = FIRST_STEP; end - step > start; step *= 8n) {
    const found = await lastRecordAfter(end - step, range, consumer);
    if (found) return found;
  }
  return lastRecordAfter(start, range, consumer);
}

async function lastRecordAfter(
  from: bigint,
  { topic, partition, end }: Range,
  consumer: KafkaClients['consumer'],
): Promise<ReadRecord | undefined> {
  let last: RecordsBatch['records'][number] | undefined;
  for (let offset = from; offset < end; ) {
    const fetched = { partition, currentLeaderEpoch: -1, fetchOffset: offset, lastFetchedEpoch: -1 };
    const { responses } = await consumer.fetch({
      node: topic.leaders[partition]!,
      isolationLevel: COMMITTED,
      minBytes: 1,
      maxBytes: MAX_BYTES,
      maxWaitTime: MAX_WAIT,
      topics: [{ topicId: topic.id, partitions: [{ ...fetched, partitionMaxBytes: MAX_BYTES }] }],
    });
    const answer = responses[0]?.partitions[0];
    const batches = answer?.records ?? [];
    const isCommitted = commitCheck(answer?.abortedTransactions ?? []);
    if (batches.length === 0)
      throw new Error(`partition ${partition} of the topic ${topic.name} cannot be read at ${offset}`);
    for (const batch of batches) {
      if (isCommitted(batch)) last = batch.records.at(-1) ?? last;
      offset = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
    }
  }
  return last;
}

const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/** Whether a batch is records that were committed. To be called for the batches of one answer, in order. */
function commitCheck(aborted: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[]) {
  const waiting = [...aborted];
  const aborting = new Set<bigint>();
  return ({ attributes, producerId, firstOffset, lastOffsetDelta }: RecordsBatch): boolean => {
    const lastOffset = firstOffset + BigInt(lastOffsetDelta);
    while (waiting[0] && waiting[0].firstOffset <= lastOffset) aborting.add(waiting.shift()!.producerId);
    if (attributes & CONTROL) {
      aborting.delete(producerId);
      return false;
    }
    return !(attributes & TRANSACTIONAL && aborting.has(producerId));
  };
}
