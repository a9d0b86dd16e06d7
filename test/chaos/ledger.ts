import type { JsonObject } from '@bufbuild/protobuf';
import type { Answer } from '../support/doors.js';

/** What can be asked, by the name of the rpc. */
export type Method =
  | 'scheduleSession'
  | 'rescheduleSession'
  | 'cancelSession'
  | 'completeSession'
  | 'markNoShow'
  | 'correctOutcome'
  | 'scheduleSeries'
  | 'rescheduleSeries'
  | 'cancelSeries'
  | 'holdSlot'
  | 'confirmHold'
  | 'releaseHold';

/** A command that was sent, and what its caller was told. */
export interface LedgerEntry {
  readonly requestId: string;
  readonly coach: string;
  readonly method: Method;
  readonly request: JsonObject;
  /** How often it was sent. */
  attempts: number;
  /** How often nothing was heard, or only that the service is unavailable: the command may have taken effect. */
  unknown: number;
  /** Every answer that says what became of the command. */
  readonly answers: Answer[];
}

/** Everything that was asked, and everything that was told. */
export interface Ledger {
  readonly entries: readonly LedgerEntry[];
  /** Notes a command before it is sent. */
  open(method: Method, coach: string, request: JsonObject): LedgerEntry;
}

/** @param name begins the request ids */
export function createLedger(name: string): Ledger {
  const entries: LedgerEntry[] = [];
  return {
    entries,
    open(method, coach, request) {
      const requestId = `${name}-${entries.length}`;
      const entry: LedgerEntry = { requestId, coach, method, request, attempts: 0, unknown: 0, answers: [] };
      entries.push(entry);
      return entry;
    },
  };
}

/** The sessions in an accepted answer. */
export function sessionsOf({ response }: Answer): JsonObject[] {
  const { session, sessions = [] } = (response ?? {}) as { session?: JsonObject; sessions?: JsonObject[] };
  return session ? [session] : sessions;
}
