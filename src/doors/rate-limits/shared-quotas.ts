import type { Logger } from 'pino';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { createRedisClient } from '../../redis-client.js';
import { createDeferred, createTimeLimits, type Deferred, jittered, pauseQuietly, within } from '../../waiting.js';
import { type Quota, WINDOW } from './quota.js';

/** Quotas that several processes count together, in Redis. */
export interface SharedQuotas {
  /**
   * @param name tells the quota from others; the same in all processes
   * @param points how many a key may use in a window
   * @param own counts while Redis does not
   */
  quota(name: string, points: number, own: Quota): Quota;
  /** Closes the connection. From then on the processes count by themselves. */
  close(): void;
}

/** Milliseconds that a call waits for Redis. */
const PATIENCE = 100;

/** Milliseconds that a new connection may take, and those between two attempts. */
const CONNECT_TIMEOUT = 1_000;
const PAUSE = 1_000;

/** What all keys in Redis begin with. */
const PREFIX = 'scheduler:limit:';

type Connection = Awaited<ReturnType<typeof connect>>;

/**
 * Connects to Redis, and connects again whenever the connection is lost. Without a connection, or when an answer takes
 * longer than 100 ms, each process counts by itself: nobody waits for Redis, and no call fails for it. The log says once
 * that it is so, and why, and once that it is over. Resolves after the first attempt, whatever comes of it.
 * @param url `redis://` or `rediss://`
 * @param patienceMs milliseconds that a call waits for Redis
 */
export async function openSharedQuotas(url: string, log: Logger, patienceMs = PATIENCE): Promise<SharedQuotas> {
  const closing = new AbortController();
  const { signal } = closing;
  const firstAttempt = createDeferred<void>();
  let open: { readonly connection: Connection; readonly lost: Deferred<unknown> } | undefined;

  async function stayConnected(): Promise<void> {
    let isTold = false;
    while (!signal.aborted) {
      const reason = await connectOnce(() => {
        if (isTold) log.info('Redis counts calls again: all processes share their limits');
        isTold = false;
      });
      firstAttempt.resolve();
      if (signal.aborted) return;
      if (!isTold) log.warn({ why: whyOf(reason) }, 'Redis does not count calls: this process limits them by itself');
      isTold = true;
      await pauseQuietly(jittered(PAUSE), signal);
    }
  }

  /** Resolves with the reason why there is no connection, or none any more. */
  async function connectOnce(onConnected: () => void): Promise<unknown> {
    const lost = createDeferred<unknown>();
    try {
      const connection = await connect(url, lost.resolve);
      open = { connection, lost };
      onConnected();
      firstAttempt.resolve();
      if (signal.aborted) lost.resolve(signal.reason);
      const reason = await lost.promise;
      connection.destroy();
      return reason;
    } catch (error) {
      return error;
    } finally {
      open = undefined;
    }
  }

  void stayConnected();
  await firstAttempt.promise;
  const inTime = createPatience(patienceMs);

  return {
    quota(name, points, own) {
      let limiter: RateLimiterRedis | undefined;
      let limiterOf: Connection | undefined;
      return (key) => {
        if (!open) return own(key);
        const { connection, lost } = open;
        if (!limiter || limiterOf !== connection) {
          limiter = limiterIn(connection, name, points);
          limiterOf = connection;
        }
        return inTime(countIn(limiter, key)).catch((error: unknown) => {
          lost.resolve(error);
          return own(key);
        });
      };
    },

    close() {
      closing.abort();
      open?.lost.resolve(undefined);
    },
  };
}

function limiterIn(storeClient: Connection, name: string, points: number): RateLimiterRedis {
  return new RateLimiterRedis({
    storeClient,
    useRedisPackage: true,
    keyPrefix: PREFIX + name,
    points,
    duration: WINDOW / 1_000,
  });
}

/** As a `Quota`, but rejects when Redis cannot count. */
function countIn(limiter: RateLimiterRedis, key: string): Promise<number> {
  return limiter.consume(key).then(
    () => 0,
    (refused: unknown) => {
      if (refused instanceof RateLimiterRes) return Math.max(1, refused.msBeforeNext);
      throw refused;
    },
  );
}

/** Has what is counted reject after so many milliseconds. */
function createPatience(ms: number): (counted: Promise<number>) => Promise<number> {
  // An answer may have come while the event loop was held: what is there is read first.
  const limits = createTimeLimits<Deferred<number>>(ms, (answer) =>
    setImmediate(() => answer.reject(new Error(`no answer within ${ms} ms`))),
  );
  return (counted) => {
    const answer = createDeferred<number>({}, () => limits.end(limit));
    const limit = limits.begin(answer);
    counted.then(answer.resolve, answer.reject);
    return answer.promise;
  };
}

/** A connection over which Redis counts. Rejects when there is none. */
async function connect(url: string, onLost: (error: unknown) => void) {
  const client = createRedisClient(url, CONNECT_TIMEOUT);
  client.on('error', onLost);
  const isReady = client.connect().then(() => countIn(limiterIn(client, 'probe', Number.MAX_SAFE_INTEGER), ''));
  try {
    const error = () => new Error(`no answer within ${CONNECT_TIMEOUT} ms`);
    await within(isReady, { limit: { ms: CONNECT_TIMEOUT, error } });
    return client;
  } catch (error) {
    client.destroy();
    throw error;
  }
}

/** Never with the URL, which may have a password. */
function whyOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
