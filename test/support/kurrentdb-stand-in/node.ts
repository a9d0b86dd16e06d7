import type { EventLog } from './event-log.js';
import type { DeliveryFault, Fault, Method } from './faults.js';
import type { SubscriptionMessage } from './subscription.js';

/** What the handlers of a node share. */
export interface Node {
  readonly log: EventLog;
  /** What goes wrong with a call that came from a peer. */
  fault(method: Method, peer: string): Fault | undefined;
  /** What goes wrong with a message to a subscriber. */
  deliveryFault(kind: SubscriptionMessage['kind'], peer: string): DeliveryFault | undefined;
  /** Resolves when all that is written now is committed, or lost. */
  committed(): Promise<void>;
  /** Resolves when the node gives up waiting for a commit. */
  commitTimeout(): Promise<void>;
  /** Cuts the connection of a peer. */
  cut(peer: string): void;
}
