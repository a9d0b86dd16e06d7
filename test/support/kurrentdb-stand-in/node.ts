import type { EventLog } from './event-log.js';
import type { Faults } from './faults.js';

/** What the handlers of a node share. */
export interface Node {
  readonly log: EventLog;
  readonly faults: Faults;
  /** Resolves when all that is written now is committed, or lost. */
  committed(): Promise<void>;
  /** Resolves when the node gives up waiting for a commit. */
  commitTimeout(): Promise<void>;
  /** Cuts the connection of a peer. */
  cut(peer: string): void;
}
