import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import { linkedSignal } from '../../waiting.js';
import { coalesce } from '../coalesce.js';
import { type EventStore, StoreUnavailable } from '../event-store.js';
import { type Append, prepareAppend } from './append.js';
import { createCallLimit, repeatUntilAnswered } from './call-policy.js';
import { AccessRefused, type KurrentdbClient, NoAnswer } from './client-port.js';
import { createKurrentdbClient } from './kurrentdb-client.js';
import { followLog } from './kurrentdb-subscription.js';
import { whyUnreachable } from './why-unreachable.js';

/** The settings of the store. */
export interface KurrentdbEventStoreOptions {
  readonly log: Logger;
  /** Milliseconds that a call may take, repetitions after lost connections included. Default 5,000. */
  readonly timeLimit?: number;
  /** Milliseconds without a delivery after which a subscription is checked for missing events. Default 5,000. */
  readonly silence?: number;
  /** The most appends under way at a time; more wait. Default 256. */
  readonly maxAppends?: number;
}

/** The most events that a read asks for at a time. */
const PAGE = 500;

/** How many events of its stream are searched for an append at any revision that was not answered. */
const LOOK_BACK = 1_000;

/** The most bytes of an append that shares the stream of appends with others. */
const MOST_TOGETHER = 500_000;

/**
 * The event store in a KurrentDB (EventStoreDB) node or cluster, in all of its streams. Positions are commit positions
 * of its log. Throws `KurrentdbUrlError` for a URL that cannot be used, and `StoreUnavailable` when KurrentDB is
 * unavailable or refuses the user.
 * @param url `esdb://host:2113?tls=false`, or `esdb://user:password@node1:2113,node2:2113` for a cluster
 */
export async function openKurrentdbEventStore(url: string, options: KurrentdbEventStoreOptions): Promise<EventStore> {
  const { log, timeLimit = 5_000, silence = 5_000, maxAppends = 256 } = options;
  const client = createKurrentdbClient(url, log);
  const appends = createCallLimit(maxAppends);
  const closing = new AbortController();
  // Each call and each subscription listens.
  setMaxListeners(0, closing.signal);

  async function ask<T>(call: (limit: number) => Promise<T>): Promise<T> {
    requireOpen();
    return repeatUntilAnswered(call, timeLimit, closing.signal);
  }

  function requireOpen(): void {
    closing.signal.throwIfAborted();
  }

  const sharedHead = coalesce(() => ask((limit) => client.head(limit)));

  const store: EventStore = {
    append: async (stream, expected, events) => {
      requireOpen();
      const append = prepareAppend(stream, expected, events);
      const once = (limit: number, attempts: number) => appendOnce(client, append, limit, attempts > 0);
      return appends.run((left) => repeatUntilAnswered(once, left, closing.signal), timeLimit, closing.signal);
    },

    tryAppend: async () => {
      // Refused where it would be made: nobody's stream has this name, so it is at no revision.
      const event = { id: randomUUID(), type: 'attempt', data: '{}', metadata: '{}' };
      await store.append('coach-?', 0n, [event]);
    },

    read: async function* (stream, from = 0n) {
      for (let next = from; ; ) {
        const page = await ask((limit) => client.read(stream, next, PAGE, limit));
        if (page.length > 0) yield page;
        if (page.length < PAGE) return;
        next = page.at(-1)!.revision + 1n;
      }
    },

    head: async () => {
      requireOpen();
      return sharedHead();
    },

    subscribe: async function* (from, filter, signal) {
      const source = { client, limit: timeLimit, silence, log };
      const until = linkedSignal(signal, closing.signal);
      try {
        yield* followLog(from, filter, source, until.signal);
      } finally {
        until.end();
      }
      if (!signal.aborted) requireOpen();
    },

    close: async () => {
      closing.abort(new StoreUnavailable('the event store is closed'));
      client.close();
    },
  };

  try {
    await store.head();
    return store;
  } catch (error) {
    await store.close();
    throw await explained(error, url);
  }
}

/** The error with which the store could not be opened, and why if the client does not know. */
async function explained(error: unknown, url: string): Promise<unknown> {
  if (!(error instanceof StoreUnavailable) || error.cause instanceof AccessRefused) return error;
  const reason = await whyUnreachable(url);
  return reason === undefined ? error : new StoreUnavailable(reason, { cause: new NoAnswer(reason, { cause: error }) });
}

/** Appends together with others the first time, and alone again: the first time may have succeeded. */
async function appendOnce(client: KurrentdbClient, append: Append, limit: number, again: boolean) {
  if (!again && append.size <= MOST_TOGETHER) return client.appendTogether(append, limit);
  const end = performance.now() + limit;
  if (again && append.expected === 'any') {
    // The server knows its recent appends only while it runs.
    const recent = await client.readBackwards(append.stream, LOOK_BACK, limit);
    const last = recent.find(({ id }) => id === append.events.at(-1)!.id);
    if (last) return { outcome: 'appended', revision: last.revision, position: last.position } as const;
  }
  return client.appendAlone(append, end - performance.now());
}
