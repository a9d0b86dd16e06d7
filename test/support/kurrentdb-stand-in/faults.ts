import type { NodeError } from './errors.js';

/** What goes wrong with a call, or with one append of a batch stream. */
export type Fault =
  /** The connection is cut, before or after the call is carried out. */
  | 'cutBefore'
  | 'cutAfter'
  /** Nothing is ever answered, though the call may be carried out. */
  | 'silentBefore'
  | 'silentAfter'
  /** The stream ends cleanly and early. Calls with a single answer are cut instead. */
  | 'end'
  /** The node answers with the error. */
  | NodeError;

/** What goes wrong with a delivery to a subscriber. */
export type DeliveryFault = 'cut' | 'silent' | 'end' | 'repeat' | 'delay' | NodeError;

/** Decides about each call and delivery; `undefined`: nothing goes wrong. */
export interface Faults {
  call?(method: 'append' | 'batchAppend' | 'read' | 'subscribe' | 'gossip'): Fault | undefined;
  delivery?(): DeliveryFault | undefined;
}
