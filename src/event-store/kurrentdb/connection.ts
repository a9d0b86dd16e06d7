import { setMaxListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type BaseOptions, EventStoreDBClient } from '@eventstore/db-client';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { CallOptions, Channel, Client as GrpcClient, Metadata } from '@grpc/grpc-js';
import { KurrentdbUrlError } from '../store-url.js';
import { NoAnswer } from './client-port.js';
import { clientUrl } from './client-url.js';
import { createRequestStream, type RequestStream } from './request-stream.js';
import { uncompressed } from './uncompressed.js';

/** Milliseconds in which the server must answer a ping; else the connection is lost. */
const PING_LIMIT = 10_000;

/** At each call, the client looks for the cluster once and waits 2 s for a node to describe it. */
const DISCOVERY = 'maxDiscoverAttempts=1&gossipTimeout=2';

/** What every call asks for: a follower must refuse it. */
export const ASK_LEADER = { requiresLeader: true } as const;

/** What the client keeps for its subclasses. Its parser of URLs cannot make a subclass, so the instance is changed. */
interface Extensible {
  supports(): Promise<boolean>;
  getChannel(): Promise<Channel>;
  handleError(client: GrpcClient, error: Error): Promise<void>;
  callArguments(options: BaseOptions, call: CallOptions): [Metadata, CallOptions];
}

type AppendStream = RequestStream<BatchAppendReq, BatchAppendResp>;

/** A client with a connection to the leader, which it finds again when it is lost. */
export interface Connection {
  readonly client: EventStoreDBClient;
  /** The stream of appends; a new one if the last has ended. */
  appends(): Promise<AppendStream>;
  /** When the server last sent anything, by `performance.now()`. */
  heardAt: number;
  /** Aborts when the connection is closed, with `NoAnswer`. */
  readonly closed: AbortSignal;
  close(): void;
}

let connections = 0;

/** A connection that is opened by its first call. Throws `KurrentdbUrlError`. */
export function connect(url: string): Connection {
  const client = createClient(url);
  const inner = client as unknown as Extensible;
  const { getChannel, handleError, callArguments } = inner;
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  let channel: Promise<Channel> | undefined;
  let appends: Promise<AppendStream> | undefined;

  // The client's own batches lose appends, or leave them pending for ever. Without them, each append is a call.
  inner.supports = async () => false;
  // This may close the channel, and an append that is about to begin on it would fail where nobody can catch it. So it
  // runs between two turns of the event loop. It may fail while no cluster is found, and nobody waits for it.
  inner.handleError = (grpc, error) =>
    nextTurn()
      .then(() => handleError(grpc, error))
      .catch(() => {});
  inner.callArguments = (options, call) => {
    const [metadata, callOptions] = callArguments(options, call);
    return [uncompressed(metadata), callOptions];
  };
  inner.getChannel = async () => {
    closing.signal.throwIfAborted();
    channel = getChannel();
    return channel;
  };

  async function openAppends(): Promise<AppendStream> {
    const channelOverride = await inner.getChannel();
    const [metadata, options] = inner.callArguments(ASK_LEADER, { deadline: Number.POSITIVE_INFINITY });
    const stream = new StreamsClient('', null as never, { channelOverride }).batchAppend(metadata, options);
    const idOf = (answer: BatchAppendResp) => answer.getCorrelationId()?.getString();
    return createRequestStream(stream, idOf, () => {
      appends = undefined;
    });
  }

  return {
    client,
    appends: () => {
      appends ??= openAppends().catch((error) => {
        appends = undefined;
        throw error;
      });
      return appends;
    },
    heardAt: Number.NEGATIVE_INFINITY,
    closed: closing.signal,
    close: () => {
      closing.abort(new NoAnswer('the connection is closed'));
      appends?.then((open) => open.close()).catch(() => {});
      // Ends the calls, but not their channel.
      client.dispose().catch(() => {});
      channel
        ?.then(async (open) => {
          await nextTurn();
          open.close();
        })
        .catch(() => {});
    },
  };
}

function createClient(url: string): EventStoreDBClient {
  // gRPC channels with equal options share a connection. One that went silent must not be shared with its successor.
  const own = `keepAliveTimeout=${PING_LIMIT + (connections++ % 1_000)}&${DISCOVERY}`;
  try {
    // Of an option that occurs twice, the last one counts.
    const [hosts, options] = clientUrl(url).split('?');
    return EventStoreDBClient.connectionString(`${hosts}?${own}${options ? `&${options}` : ''}`);
  } catch (error) {
    // The parser's message may contain the password; a message about a certificate does not.
    const known = error instanceof Error && /File|certificate/.test(error.message);
    throw new KurrentdbUrlError(
      `the KurrentDB URL cannot be used: ${known ? error.message : 'an option has a wrong value'}`,
    );
  }
}
