import { type Position, START } from '../../../event-store/event-store.js';
import type { OpenSinkParts } from '../sink.js';
import { type RedisConnection, RedisProblem, type Reply } from './connection.js';
import { type Entry, entriesIn, placeInEntry, positionIn } from './entry.js';

/** The id that a stream without any entry ends with. */
export const NO_ENTRY = '0-0';

/** Where a stream ends. */
export interface StreamEnd {
  /** The id that was added last: the next one has to be greater. */
  readonly lastId: string;
  /** The position of the log that it stands for. */
  readonly position: Position;
}

/**
 * Finds out where the stream ends. What the stream has counts, whatever the cursor says: a Redis that lost its tail, or
 * all, gets it again. Throws `RedisProblem` for a stream that has something else than the changes of this log: then
 * nothing must be written to it.
 */
export async function endOf(
  stream: string,
  connection: RedisConnection,
  parts: Pick<OpenSinkParts, 'saved' | 'positionOf'>,
): Promise<StreamEnd> {
  if ((await connection.send('EXISTS', stream)) === 0) return { lastId: NO_ENTRY, position: START };
  const lastId = lastIdIn(await connection.send('XINFO', 'STREAM', stream));
  const [last] = entriesIn(await connection.send('XREVRANGE', stream, '+', '-', 'COUNT', '1'));
  if (last) await checkEntry(stream, last, parts);
  if (last?.id === lastId) return { lastId, position: positionIn(lastId)! };
  if (lastId === NO_ENTRY) return { lastId, position: START };
  return { lastId, position: await endWithoutEntry(stream, lastId, parts) };
}

async function checkEntry(stream: string, entry: Entry, { positionOf }: Pick<OpenSinkParts, 'positionOf'>) {
  const place = placeInEntry(entry);
  if (!place) {
    throw new RedisProblem(
      `the stream ${stream} has an entry ${entry.id} that this service did not write: nothing is written to it. Set ` +
        'SINK_REDIS_STREAM to a stream of its own, or delete the stream to have it filled anew',
    );
  }
  const position = await positionOf(place);
  if (position === place.position) return;
  throw new RedisProblem(
    `the stream ${stream} was filled from another log: event ${place.id} is at position ${position} of this log, and ` +
      `at ${place.position} of the stream. Set SINK_REDIS_STREAM to another stream, or delete the stream to have it ` +
      'filled anew',
  );
}

/** Somebody removed the last entries. Redis takes none of them again, so that the feed goes on after them. */
async function endWithoutEntry(
  stream: string,
  lastId: string,
  { saved, positionOf }: Pick<OpenSinkParts, 'saved' | 'positionOf'>,
): Promise<Position> {
  const position = positionIn(lastId);
  const isOfThisLog = saved !== undefined && (await positionOf(saved)) === saved.position;
  if (position !== undefined && isOfThisLog && position <= saved.position) return position;
  throw new RedisProblem(
    `the last entries of the stream ${stream}, up to ${lastId}, were removed, so that nobody can tell whether they were ` +
      'of this log. Set SINK_REDIS_STREAM to another stream, or delete the stream to have it filled anew',
  );
}

function lastIdIn(info: Reply): string {
  const list = info as readonly Reply[];
  return list[list.indexOf('last-generated-id') + 1] as string;
}
