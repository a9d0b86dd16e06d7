import { createFairShares, type FairShares, type Work } from '../fair-shares.js';
import { type CallerOf, createCallerOf } from './caller-address.js';
import { createStreamLimit, type OpenStream } from './rate-limits/stream-limit.js';

/** Limits that keep one caller from using up the connections and the memory that others need. One set for both doors. */
export interface DoorLimits {
  /** Who counts as one caller. */
  readonly callerOf: CallerOf;
  /** The most connections of a door at once; further ones are closed. */
  readonly maxConnections: number;
  /** Milliseconds that a caller may take to send a request. */
  readonly requestTimeout: number;
  /**
   * Milliseconds that a caller may take to receive an answer, once there is one; of a stream, each message of gRPC, and
   * what is left at its end.
   */
  readonly answerTimeout: number;
  /**
   * Milliseconds between two pings of a connection of HTTP/2, gRPC's or not. Often, as Node before 22.23 keeps a
   * connection whose caller broke HTTP/2, even when the caller has closed it: only a ping that gets no answer shows that
   * it is dead.
   */
  readonly pingInterval: number;
  /** Milliseconds within which a ping must be answered; else the connection is cut. */
  readonly pingTimeout: number;
  /** Milliseconds without a request after which the gateway closes a connection. */
  readonly idleTimeout: number;
  /** Shares out the memory for requests that are being sent, or wait for their answers. Costs are bytes. */
  readonly requestBytes: FairShares;
  /** Opens a stream of gRPC's standard services, health and reflection, for an address: they ask nobody for a token. */
  readonly openStream: OpenStream;
}

/** What a request may take without being counted for its size, and without waiting for its turn to be decoded. */
export const SMALL_REQUEST = 4 * 1024;

const MEGABYTE = 1024 * 1024;

/**
 * @param maxRequestBytes the size of the largest request
 * @param proxies the proxies that are trusted to say whom they call for, as of `createCallerOf`
 * @param maxStreams how many streams of the standard services an address may have open
 */
export function doorLimits(maxRequestBytes: number, proxies: readonly string[] = [], maxStreams = 100): DoorLimits {
  return {
    callerOf: createCallerOf(proxies),
    maxConnections: 10_000,
    requestTimeout: 30_000,
    answerTimeout: 30_000,
    pingInterval: 10_000,
    pingTimeout: 20_000,
    idleTimeout: 72_000,
    requestBytes: createFairShares(Math.max(64 * MEGABYTE, 16 * maxRequestBytes), 0),
    openStream: createStreamLimit(maxStreams),
  };
}

/** Bytes that a caller's request takes. */
export function bytesOf(caller: string, cost: number): Work {
  return { caller, cost, isOver: false, begin() {}, drop() {} };
}
