import type { BusyTimes } from './read-busy-times.js';
import type { Refused } from './refusal.js';

/*
 * What the reader and its worker tell each other about a document: the reader sends a Document, the worker the UIDs in
 * it, the reader those that are the service's own, the worker what became of it.
 */

/** What a worker is started with. */
export interface WorkerSettings {
  /** As for `loadZoneRules`. */
  readonly zoneRulesPath: string | undefined;
}

/** A document to read. */
export interface Document {
  readonly bytes: Uint8Array;
  /** Which came with it, if any. */
  readonly charset: string | undefined;
  /** The IANA name of the coach's zone. */
  readonly zone: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

export type FromReader =
  | { readonly type: 'document'; readonly document: Document }
  | { readonly type: 'own uids'; readonly uids: readonly string[] };

export type FromWorker =
  | { readonly type: 'begun' }
  | { readonly type: 'uids'; readonly uids: readonly string[] }
  | { readonly type: 'read'; readonly busyTimes: BusyTimes }
  | {
      readonly type: 'refused';
      readonly why: Refused;
      readonly sentence: string;
      readonly line: number | undefined;
    }
  | { readonly type: 'failed'; readonly error: Error };
