import { ErrorReply } from '@redis/client';
import { createRedisClient } from '../../../redis-client.js';
import { linkedSignal, within } from '../../../waiting.js';

/** What Redis answers in RESP 2. */
export type Reply = string | number | null | readonly Reply[];

/** One connection to Redis. It is never made anew, and nothing is sent a second time. */
export interface RedisConnection {
  /** Sends a command. Rejects with a sentence, also when no answer comes in time: whether it was done is not known then. */
  send(...command: string[]): Promise<Reply>;
  /** Aborts when the connection is lost, with the reason. */
  readonly lost: AbortSignal;
  /** Ends the connection at once. */
  close(): void;
}

/** Milliseconds that a new connection may take, and an answer. */
const CONNECT_TIMEOUT = 3_000;
const ANSWER_TIMEOUT = 5_000;

/** The service cannot fill the stream. The message is for the operator, without secrets. */
export class RedisProblem extends Error {
  override readonly name = 'RedisProblem';
}

/**
 * Connects to Redis. Rejects with `RedisProblem`.
 * @param url `redis://` or `rediss://`
 * @param signal ends the connection
 */
export async function connectToRedis(url: string, signal: AbortSignal): Promise<RedisConnection> {
  const lost = linkedSignal(signal);
  const client = createRedisClient(url, CONNECT_TIMEOUT);
  client.on('error', (error) => lost.end(problemOf(error)));

  async function inTime<Answer>(ms: number, answer: Promise<Answer>): Promise<Answer> {
    const error = () => new RedisProblem(`Redis gave no answer within ${ms / 1_000} s`);
    try {
      return await within(answer, { limit: { ms, error }, signal: lost.signal });
    } catch (error) {
      throw problemOf(error);
    }
  }

  function close(): void {
    signal.removeEventListener('abort', close);
    client.destroy();
    lost.end();
  }

  signal.addEventListener('abort', close, { once: true });
  try {
    await inTime(CONNECT_TIMEOUT, client.connect());
  } catch (error) {
    close();
    throw error;
  }
  return {
    send: (...command) => inTime(ANSWER_TIMEOUT, client.sendCommand<Reply>(command)),
    lost: lost.signal,
    close,
  };
}

/** What the first word of a refusal means. */
const REFUSALS: Readonly<Record<string, string>> = {
  WRONGPASS: 'Redis refuses the user name or the password in SINK_REDIS_URL',
  NOAUTH: 'Redis wants a password: put it into SINK_REDIS_URL',
  NOPERM:
    'Redis does not let the user in SINK_REDIS_URL do what the feed needs: EVALSHA, SCRIPT, XADD, XINFO, XRANGE, XTRIM',
  READONLY: 'Redis is a read-only replica: SINK_REDIS_URL has to name the primary',
  OOM: 'Redis is full: it has reached its maxmemory and may evict nothing',
  MISCONF: 'Redis takes no writes, because it cannot save its data to disk',
  NOREPLICAS: 'Redis takes no writes, because it has too few replicas (min-replicas-to-write)',
  LOADING: 'Redis is still loading its data',
  WRONGTYPE: 'the key that SINK_REDIS_STREAM names holds something else than a stream',
};

/** Never with what was sent, nor with the URL. */
function problemOf(error: unknown): Error {
  if (error instanceof RedisProblem) return error;
  if (!(error instanceof ErrorReply)) {
    const { code, message } = error as NodeJS.ErrnoException;
    return new RedisProblem(`the connection to Redis failed: ${code ?? message}`);
  }
  // A script hands on what a command in it was refused for.
  const [, word = ''] = /^(?:ERR )?-?([A-Z]+)\b/.exec(error.message) ?? [];
  const known = REFUSALS[/the user executing the script/i.test(error.message) ? 'NOPERM' : word];
  const said = error.message.replace(OF_SCRIPT, '');
  return new RedisProblem(known ? `${known} (${said})` : `Redis refuses: ${said}`);
}

/** Where in which script it happened, which tells an operator nothing. */
const OF_SCRIPT = /,? script: [0-9a-f]{40}\b.*$/;
