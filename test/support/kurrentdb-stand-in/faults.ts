import type { NodeError } from './errors.js';

/** The calls that can go wrong. An append over a batch stream counts as one. */
export type Method = 'append' | 'batchAppend' | 'read' | 'subscribe';

/** What goes wrong with a call. */
export type Fault =
  /** The connection is cut, before or after the call is carried out. */
  | 'cutBefore'
  | 'cutAfter'
  /** It is never answered, though it may be carried out. */
  | 'silentBefore'
  | 'silentAfter'
  /**
   * Its stream ends cleanly and early. A node does so only to batch streams and subscriptions: other calls are cut
   * instead.
   */
  | 'end'
  /** The node answers with the error. */
  | NodeError;

/** What goes wrong with the delivery of an event to a subscriber. */
export type DeliveryFault = 'cut' | 'silent' | 'end' | 'repeat' | 'delay' | NodeError;

/** Decides about each call and each delivery; `undefined`: nothing goes wrong. */
export interface Faults {
  call?(method: Method): Fault | undefined;
  delivery?(): DeliveryFault | undefined;
}
