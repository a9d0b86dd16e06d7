import type { Change } from '../../../application/change-feed.js';
import type { CloudEvent } from '../../cloud-event.js';
import type { OpenSink, OpenSinkParts } from '../sink.js';
import { APPEND_SCRIPT } from './append-script.js';
import { connectToRedis, type RedisConnection } from './connection.js';
import { ARGUMENTS, entryId, entryOf } from './entry.js';
import { endOf } from './stream-end.js';
import { trimByAge } from './trim-by-age.js';

/** Which stream to fill. */
export interface RedisSinkSettings {
  /** `redis://` or `rediss://` */
  readonly url: string;
  /** The key of the stream. */
  readonly stream: string;
  /** About how many entries to keep: up to a hundred more. Undefined: all. */
  readonly maxLength: number | undefined;
  /** Milliseconds after which an entry may go. Undefined: never. */
  readonly maxAge: number | undefined;
}

/** How many entries one call of the script adds: Redis serves nobody else meanwhile. */
const MAX_APPEND = 500;

/** Milliseconds between two looks for entries that are too old. */
const TRIM_INTERVAL = 1_000;

/**
 * A stream of Redis to which each change is added, once: its position is the id of the entry, and Redis takes no id that
 * is not greater than the last one. Nobody else may add to the stream: a foreign entry stops the feed.
 */
export async function openStream(
  { url, stream, maxLength, maxAge }: RedisSinkSettings,
  cloudEvent: (change: Change) => CloudEvent,
  parts: OpenSinkParts,
): Promise<OpenSink> {
  const connection = await connectToRedis(url, parts.signal);
  try {
    await connection.send('SCRIPT', 'LOAD', APPEND_SCRIPT.text);
    const end = await endOf(stream, connection, parts);
    let { lastId } = end;
    const stopTrimming = maxAge === undefined ? () => {} : keepTrimming(stream, maxAge, connection);

    async function append(changes: readonly Change[]): Promise<void> {
      const entries = changes.flatMap((change) => entryOf(change.position, cloudEvent(change)));
      const keep = maxLength === undefined ? '' : String(maxLength);
      const script = ['EVALSHA', APPEND_SCRIPT.sha, '1', stream, lastId, keep, String(ARGUMENTS)];
      await connection.send(...script, ...entries);
      lastId = entryId(changes.at(-1)!.position);
    }

    return {
      after: end.position,
      lost: connection.lost,
      async deliver(changes) {
        for (let at = 0; at < changes.length; at += MAX_APPEND) await append(changes.slice(at, at + MAX_APPEND));
      },
      async close() {
        stopTrimming();
        connection.close();
      },
    };
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Looks again and again for entries that are too old. A look that fails is no harm: the connection then fails, too. */
function keepTrimming(stream: string, maxAge: number, connection: RedisConnection): () => void {
  let isTrimming = false;
  const timer = setInterval(async () => {
    if (isTrimming) return;
    isTrimming = true;
    await trimByAge(stream, Date.now() - maxAge, connection).catch(() => {});
    isTrimming = false;
  }, TRIM_INTERVAL);
  return () => clearInterval(timer);
}
