import type { Logger } from 'pino';
import type { Change } from '../../application/change-feed.js';
import type { Position } from '../../event-store/event-store.js';
import type { Place } from '../place.js';

/** A place outside that gets every change: a stream of Redis, a topic of Kafka. */
export interface Sink {
  /** The name of its feed: `redis`. */
  readonly name: string;
  /** Connects, and finds out where the target ends. Rejects with a sentence for the operator, without secrets. */
  open(parts: OpenSinkParts): Promise<OpenSink>;
}

/** What a sink needs to find out where it was. */
export interface OpenSinkParts {
  /** The cursor in Postgres; undefined when there is none. The target may have less than it says, or more. */
  readonly saved: Place | undefined;
  /** The position that a change has in this log. Throws `NotInThisLog`. */
  readonly positionOf: (place: Place) => Promise<Position>;
  readonly log: Logger;
  /** Ends the connection: what is under way then rejects. */
  readonly signal: AbortSignal;
}

/** A sink that is connected. Once a call has thrown, it is of no use any more but to be closed. */
export interface OpenSink {
  /** The position in this log after which to go on (exclusive). */
  readonly after: Position;
  /** Aborts when the connection is lost, with the reason. */
  readonly lost: AbortSignal;
  /**
   * Writes changes that follow each other in the log, in order. Resolves when the target has them.
   */
  deliver(changes: readonly Change[]): Promise<void>;
  /** Closes the connection, also one that hangs, within a second. Never rejects. */
  close(): Promise<void>;
}
