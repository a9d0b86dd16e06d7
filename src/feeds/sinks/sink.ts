import type { Change } from '../../application/change-feed.js';
import type { Place } from '../place.js';

/** A place outside that gets every change: a stream of Redis, a topic of Kafka. */
export interface Sink {
  /** The name of its feed: `redis`. */
  readonly name: string;
  /**
   * Connects, and finds out where the target ends.
   * @param saved the cursor in Postgres; undefined when there is none
   * @param signal ends the connection: what is under way then rejects
   */
  open(saved: Place | undefined, signal: AbortSignal): Promise<OpenSink>;
}

/** A sink that is connected. Once a call has thrown, it is of no use any more but to be closed. */
export interface OpenSink {
  /** The change after which to go on; undefined: begin with the log. */
  readonly after: Place | undefined;
  /**
   * Writes changes that follow each other in the log, in order. Resolves when the target has them for good. Some of them
   * may be there already: they were told again.
   */
  deliver(changes: readonly Change[]): Promise<void>;
  /** Closes the connection, also one that hangs, within a second. Never rejects. */
  close(): Promise<void>;
}
