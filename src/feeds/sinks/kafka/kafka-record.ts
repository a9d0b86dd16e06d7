import { compatibilityPartitioner } from '@platformatic/kafka';
import { type CloudEvent, dataTextOf, placeInCloudEvent } from '../../cloud-event.js';
import type { Place } from '../../place.js';

/** A record to produce. */
export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer;
  readonly value: Buffer;
  readonly headers: Map<Buffer, Buffer>;
}

/** The attributes that become headers, in binary mode of the Kafka binding of CloudEvents; `content-type` besides. */
const ATTRIBUTES = [
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'partitionkey',
  'sequence',
] as const satisfies readonly (keyof CloudEvent)[];

const NAMES = ATTRIBUTES.map((attribute) => [attribute, Buffer.from(`ce_${attribute}`)] as const);
const CONTENT_TYPE = [Buffer.from('content-type'), Buffer.from('application/json')] as const;

/** The partition that the default partitioner of Java's client gives to a key. */
export function partitionOf(coachHashId: string, partitions: number): number {
  return compatibilityPartitioner(undefined as never, Buffer.from(coachHashId)) % partitions;
}

/** The record that tells a change: its key is the coach. */
export function recordOf(event: CloudEvent, topic: string, partition: number): KafkaRecord {
  const headers = NAMES.map(([attribute, name]) => [name, Buffer.from(event[attribute])] as const);
  return {
    topic,
    partition,
    key: Buffer.from(event.partitionkey),
    value: Buffer.from(dataTextOf(event)),
    headers: new Map([...headers, CONTENT_TYPE]),
  };
}

/** A record of the topic, as it is read. */
export interface ReadRecord {
  readonly value: { toString(): string } | null | undefined;
  readonly headers: Iterable<readonly [unknown, unknown]>;
}

/** The change that a record tells; undefined when this service did not make the record. */
export function placeInRecord({ value, headers }: ReadRecord): Place | undefined {
  const texts = new Map([...headers].map(([name, text]) => [String(name), String(text)]));
  const of = (attribute: string) => texts.get(`ce_${attribute}`);
  const [id, partitionkey, sequence] = [of('id'), of('partitionkey'), of('sequence')];
  return placeInCloudEvent({ id, partitionkey, sequence, data: value?.toString() });
}
