import { randomUUID } from 'node:crypto';
import {
  AccessDeniedError,
  type AllStreamRecordedEvent,
  BACKWARDS,
  type RecordedEvent as ClientEvent,
  DeadlineExceededError,
  END,
  START as FROM_START,
  isCommandError,
  jsonEvent,
  NO_STREAM as NO_STREAM_YET,
  type StreamingRead,
  StreamNotFoundError,
  streamNameFilter,
  UnavailableError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { BatchAppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { status } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { within } from '../../waiting.js';
import {
  type AppendResult,
  type JsonObject,
  NO_STREAM,
  type Position,
  type RecordedEvent,
  type Revision,
  START,
} from '../event-store.js';
import { checkKurrentdbUrl } from '../store-url.js';
import type { Append, EncodedEvent } from './append.js';
import {
  AccessRefused,
  type AllSubscription,
  type Delivery,
  type KurrentdbClient,
  NoAnswer,
  TimedOut,
} from './client-port.js';
import { ASK_LEADER, type Connection, connect } from './connection.js';
import { createDeliveryQueue } from './delivery-queue.js';

/** The most deliveries that wait for their consumer: then the server has to wait. */
const MOST_WAITING = 500;

/** Milliseconds of silence after which a call without an answer is blamed on its connection. */
const PATIENCE = 500;

/** The server's name for a conflict. */
const WRONG_VERSION = 'event_store.client.WrongExpectedVersion';

/** What the client says when it found no node to connect to. */
const NO_LEADER_FOUND = /^Failed to discover/;

/** The server's sign for "no position", which the checkpoints at the start of a short log have too. */
const NO_POSITION = 2n ** 64n - 1n;

// What users need to be allowed to do.
const READING_ALL = 'read $all';
const reading = (stream: string) => `read the stream ${stream}`;
const writing = ({ stream }: Append) => `write to the stream ${stream}`;

type Reading = StreamingRead<{ event?: ClientEvent | AllStreamRecordedEvent }>;

/** A client that connects with its first call. Throws `KurrentdbUrlError`. */
export function createKurrentdbClient(url: string, log: Logger): KurrentdbClient {
  checkKurrentdbUrl(url);
  let connection = connect(url);
  let closed = false;

  /**
   * Asks over the present connection. Replaces a connection that has gone silent.
   * @param deed what the user must be allowed to do: `read $all`
   */
  async function ask<T>(deed: string, limit: number, question: (connection: Connection) => Promise<T>): Promise<T> {
    const asked = connection;
    const askedAt = performance.now();
    try {
      const answer = await inTime(question(asked), limit, asked);
      asked.heardAt = performance.now();
      return answer;
    } catch (error) {
      const silentFor = performance.now() - Math.max(askedAt, asked.heardAt);
      if (isTimeout(error) && silentFor >= PATIENCE) renew(asked);
      throw translate(error, deed);
    }
  }

  function renew(silent: Connection): void {
    if (closed || silent !== connection) return;
    log.warn('KurrentDB is silent, opening another connection');
    connection = connect(url);
    silent.close();
  }

  return {
    appendTogether: (append, limit) =>
      ask(writing(append), limit, async (connection) => {
        const id = randomUUID();
        const answer = await (await connection.appends()).ask(id, toBatchRequest(id, append), limit);
        const success = answer.getSuccess();
        if (success) {
          const revision = BigInt(success.getCurrentRevision());
          return appended(connection, append, revision, success.getPosition()?.getCommitPosition(), limit);
        }
        const { WrongExpectedVersion } = shared;
        const conflict = answer.getError()?.getDetails()?.unpack(WrongExpectedVersion.deserializeBinary, WRONG_VERSION);
        if (!conflict) throw new NoAnswer(`KurrentDB failed: ${answer.getError()?.getMessage()}`);
        const actual = conflict.hasCurrentStreamRevision() ? BigInt(conflict.getCurrentStreamRevision()) : NO_STREAM;
        return { outcome: 'conflict', actual };
      }),

    appendAlone: (append, limit) =>
      ask(writing(append), limit, async (connection) => {
        const { stream, expected, events } = append;
        const expectedRevision = expected === NO_STREAM ? NO_STREAM_YET : expected;
        const options = { ...ASK_LEADER, expectedRevision, deadline: limit } as const;
        try {
          const success = await connection.client.appendToStream(stream, events.map(toJsonEvent), options);
          return await appended(connection, append, success.nextExpectedRevision, success.position?.commit, limit);
        } catch (error) {
          if (!(error instanceof WrongExpectedVersionError)) throw error;
          const { actualVersion: actual } = error;
          return { outcome: 'conflict', actual: actual === NO_STREAM_YET ? NO_STREAM : BigInt(actual) };
        }
      }),

    read: (stream, fromRevision, maxCount, limit) =>
      ask(reading(stream), limit, (connection) => {
        const options = { ...ASK_LEADER, fromRevision, maxCount } as const;
        return collect(connection, connection.client.readStream(stream, options), limit);
      }),

    readBackwards: (stream, maxCount, limit) =>
      ask(reading(stream), limit, (connection) => {
        const options = { ...ASK_LEADER, direction: BACKWARDS, fromRevision: END, maxCount } as const;
        return collect(connection, connection.client.readStream(stream, options), limit);
      }),

    head: (limit) =>
      ask(READING_ALL, limit, async (connection) => {
        const options = { ...ASK_LEADER, direction: BACKWARDS, fromPosition: END, maxCount: 1 } as const;
        const [last] = await collect(connection, connection.client.readAll(options), limit);
        return last?.position ?? START;
      }),

    subscribe: (from, prefixes, window) => subscribe(connection, from, prefixes, window),

    close: () => {
      closed = true;
      connection.close();
    },
  };
}

/** The form that the client takes for an append by itself; it turns the content into text again. */
function toJsonEvent({ id, type, data, metadata }: EncodedEvent) {
  return jsonEvent({ id, type, data: JSON.parse(data.toString()), metadata: JSON.parse(metadata.toString()) });
}

function toBatchRequest(id: string, { stream, expected, events }: Append): BatchAppendReq {
  const options = new streams.BatchAppendReq.Options();
  options.setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(stream)));
  if (expected === 'any') options.setAny(new shared.Empty());
  else if (expected === NO_STREAM) options.setNoStream(new shared.Empty());
  else options.setStreamPosition(expected.toString());
  // Without a deadline, the server's own counts: one set here would be a time on the server's clock.
  const request = new streams.BatchAppendReq().setCorrelationId(new shared.UUID().setString(id)).setOptions(options);
  for (const event of events) {
    const message = new streams.BatchAppendReq.ProposedMessage()
      .setId(new shared.UUID().setString(event.id))
      .setData(event.data)
      .setCustomMetadata(event.metadata);
    message.getMetadataMap().set('type', event.type).set('content-type', 'application/json');
    request.addProposedMessages(message);
  }
  return request.setIsFinal(true);
}

/** @param position missing in the answers to some repetitions: then it is read */
async function appended(
  connection: Connection,
  { stream }: Append,
  revision: Revision,
  position: bigint | string | undefined,
  limit: number,
): Promise<AppendResult> {
  if (position !== undefined) return { outcome: 'appended', revision, position: BigInt(position) };
  const options = { ...ASK_LEADER, fromRevision: revision, maxCount: 1 } as const;
  const [last] = await collect(connection, connection.client.readStream(stream, options), limit);
  if (!last) throw new NoAnswer('the position of the append is not known yet');
  return { outcome: 'appended', revision, position: last.position };
}

function subscribe(
  connection: Connection,
  from: Position,
  prefixes: readonly string[],
  window: number,
): AllSubscription {
  const deliveries = createDeliveryQueue<Delivery>();
  const subscription = connection.client.subscribeToAll({
    ...ASK_LEADER,
    fromPosition: from === START ? FROM_START : { commit: from, prepare: from },
    filter: streamNameFilter({
      prefixes: [...prefixes],
      maxSearchWindow: window,
      checkpointInterval: 1,
      checkpointReached: (self, { commit }) => {
        // Queued behind the earlier events, which may not have been delivered yet.
        if (commit < NO_POSITION) self.push({ kind: 'checkpoint', position: commit });
      },
    }),
  });
  const onClosed = () => deliveries.end(connection.closed.reason);
  connection.closed.addEventListener('abort', onClosed);

  subscription.on('caughtUp', () => void subscription.push({ kind: 'caughtUp' }));
  subscription.on('data', (item: { event?: AllStreamRecordedEvent } | Delivery) => {
    connection.heardAt = performance.now();
    const delivery = 'kind' in item ? item : item.event && { kind: 'event' as const, event: toRecorded(item.event) };
    if (delivery && deliveries.add(delivery) >= MOST_WAITING) subscription.pause();
  });
  subscription.on('error', (error) => {
    const isOfAnotherLog = isCommandError(error) && error.code === status.INVALID_ARGUMENT;
    deliveries.end(
      isOfAnotherLog ? new Error(`the log has no position ${from}`, { cause: error }) : translate(error, READING_ALL),
    );
  });
  subscription.on('close', () => deliveries.end(new NoAnswer('KurrentDB ended the subscription')));

  return {
    take: async (limit) => {
      const taken = await deliveries.take(limit);
      subscription.resume();
      return taken;
    },
    close: () => {
      connection.closed.removeEventListener('abort', onClosed);
      deliveries.end(new NoAnswer('the subscription is closed'));
      subscription.unsubscribe().catch(() => {});
    },
  };
}

/** All events that a read finds. */
async function collect(connection: Connection, reading: Reading, limit: number): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    reading.on('data', ({ event }) => {
      if (event) events.push(toRecorded(event));
    });
    reading.on('end', resolve);
    reading.on('error', (error) => (error instanceof StreamNotFoundError ? resolve() : reject(error)));
  });
  try {
    await inTime(ended, limit, connection);
    return events;
  } finally {
    reading.cancel().catch(() => {});
  }
}

function toRecorded(event: ClientEvent | AllStreamRecordedEvent): RecordedEvent {
  return {
    id: event.id,
    type: event.type,
    data: toJsonObject(event.data),
    metadata: toJsonObject(event.metadata),
    stream: event.streamId,
    revision: event.revision,
    position: event.position?.commit ?? START,
    recordedAt: event.created.getTime(),
  };
}

/** Content as a JSON object. Other applications may write anything else: that counts as empty. */
function toJsonObject(content: unknown): JsonObject {
  const isObject = typeof content === 'object' && content !== null && !Array.isArray(content);
  return isObject && !(content instanceof Uint8Array) ? (content as JsonObject) : {};
}

/** Settles as the promise does. Throws `TimedOut` after `ms`, and `NoAnswer` when the connection is closed. */
function inTime<T>(promise: Promise<T>, ms: number, { closed }: Connection): Promise<T> {
  return within(promise, { limit: { ms, error: () => new TimedOut() }, signal: closed });
}

function isTimeout(error: unknown): boolean {
  return error instanceof TimedOut || error instanceof DeadlineExceededError;
}

/**
 * Turns every error into `NoAnswer`, except an error that makes the call impossible.
 * @param deed what the user wanted to do
 */
function translate(error: unknown, deed: string): Error {
  if (error instanceof NoAnswer) return error;
  if (isCommandError(error as Error)) {
    const { code } = error as { code?: status };
    if (code === status.INVALID_ARGUMENT || code === status.FAILED_PRECONDITION) return error as Error;
  }
  // Both a user who is not known and one who lacks a right are denied access; only their codes differ.
  if (error instanceof AccessDeniedError) {
    const isKnown = (error as { code?: status }).code === status.PERMISSION_DENIED;
    const refusal = isKnown
      ? `does not let the URL's user ${deed}: allow it in the stream's ACL, or put the user into $admins`
      : 'refuses the user name or the password';
    return new AccessRefused(`KurrentDB ${refusal}`, { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  if (NO_LEADER_FOUND.test(message)) {
    return new NoAnswer('KurrentDB cannot be reached: no host of the URL names a leader', { cause: error });
  }
  const problem = error instanceof UnavailableError ? 'KurrentDB cannot be reached' : 'KurrentDB failed';
  return new NoAnswer(`${problem}: ${message}`, { cause: error });
}
