import { type Position, START } from '../../../event-store/event-store.js';
import type { Place } from '../../place.js';
import type { OpenSinkParts } from '../sink.js';
import { KafkaProblem } from './kafka-problem.js';
import { partitionOf, placeInRecord } from './kafka-record.js';
import type { PartitionEnd } from './last-record.js';

/**
 * How far the topic has come, in positions of this log. Changes are written in order, and those of a transaction all or
 * none: the topic has, or had, everything up to the newest of its last changes. When retention has emptied one of them,
 * the cursor may know more. Throws `KafkaProblem` and `NotInThisLog` for a topic that has something else.
 */
export async function whereItWas(
  topic: string,
  partitions: readonly PartitionEnd[],
  { saved, positionOf, log }: Pick<OpenSinkParts, 'saved' | 'positionOf' | 'log'>,
): Promise<Position> {
  const places = partitions.map(({ last }, partition) => {
    const place = last && placeInRecord(last);
    if (last && !place) throw foreign(topic, partition);
    return place;
  });
  if (places.some((place, partition) => place && isElsewhere(place, partition, partitions.length))) {
    log.warn(
      { topic, partitions: partitions.length },
      'partitions were added to the topic: what is told of a coach from now on may be in another partition than before',
    );
  }
  const ends: Position[] = [];
  for (const place of places) ends.push(place ? await positionOf(place) : START);
  const newest = latest(ends);
  const isEmptied = partitions.some(({ isCut, last }) => isCut && !last);
  if (!isEmptied) return newest;
  if (!saved && newest === START) {
    throw new KafkaProblem(
      `retention has emptied the topic ${topic}, and there is no cursor, so that nobody can tell what was in it. Set ` +
        'SINK_KAFKA_TOPIC to another topic, or delete the topic to have it filled anew',
    );
  }
  return latest([newest, saved ? await positionOf(saved) : START]);
}

function latest(positions: readonly Position[]): Position {
  let newest = START;
  for (const position of positions) if (position > newest) newest = position;
  return newest;
}

function isElsewhere({ coachHashId }: Place, partition: number, partitions: number): boolean {
  return partitionOf(coachHashId, partitions) !== partition;
}

function foreign(topic: string, partition: number): KafkaProblem {
  return new KafkaProblem(
    `the last record of partition ${partition} of the topic ${topic} is none of this service: nothing is written to it. ` +
      'Set SINK_KAFKA_TOPIC to a topic of its own',
  );
}
