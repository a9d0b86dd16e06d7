import type { JsonObject } from '@bufbuild/protobuf';
import type { RecordedEvent } from '../../src/event-store/event-store.js';
import type { Answer } from '../support/doors.js';
import { type Ledger, type LedgerEntry, type Method, sessionsOf } from './ledger.js';

/** The event that each command asks for. */
const EFFECTS: Readonly<Record<Method, string>> = {
  scheduleSession: 'SessionScheduled',
  rescheduleSession: 'SessionRescheduled',
  cancelSession: 'SessionCancelled',
  completeSession: 'SessionCompleted',
  markNoShow: 'SessionMarkedNoShow',
  correctOutcome: 'SessionOutcomeCorrected',
  scheduleSeries: 'SeriesScheduled',
  rescheduleSeries: 'SeriesRescheduled',
  cancelSeries: 'SeriesCancelled',
  holdSlot: 'SlotHeld',
  confirmHold: 'HoldConfirmed',
  releaseHold: 'HoldReleased',
};

/** Events that are nobody's command. */
const BY_ITSELF = new Set(['HoldExpired', 'ReservationAbandoned', 'SessionReminderDue']);

/**
 * Compares what callers were told with the log: every acknowledged change is there once, as it was answered; nothing
 * is there that was only ever refused, or that nobody asked for. Answers what is wrong, in sentences.
 */
export function checkLedger(ledger: Ledger, log: readonly RecordedEvent[]): string[] {
  const wrong: string[] = [];
  const byRequest = new Map<string, RecordedEvent[]>();
  for (const event of log) {
    if (!event.stream.startsWith('coach-')) continue;
    const requestId = event.metadata['requestId'] as string | undefined;
    if (requestId === undefined) {
      if (!BY_ITSELF.has(nameOf(event))) wrong.push(`${nameOf(event)} at position ${event.position} has no request id`);
      continue;
    }
    const key = `${event.stream} ${requestId}`;
    byRequest.set(key, [...(byRequest.get(key) ?? []), event]);
  }

  for (const entry of ledger.entries) {
    const key = `coach-${entry.coach} ${entry.requestId}`;
    const events = byRequest.get(key) ?? [];
    byRequest.delete(key);
    wrong.push(...wrongIn(entry, events).map((what) => `${entry.method} ${entry.requestId}: ${what}`));
  }
  for (const [key, [event]] of byRequest) wrong.push(`${nameOf(event!)} of ${key}: nobody asked for it`);
  return wrong;
}

function wrongIn({ method, answers, unknown }: LedgerEntry, events: readonly RecordedEvent[]): string[] {
  const accepted = answers.filter(({ code }) => code === 'OK');
  const effects = events.filter((event) => nameOf(event) === EFFECTS[method]).length;
  // A hold that is confirmed, and a series, have sessions beside what they are.
  const isEffect = effects === 1;
  if (events.length > 0 && !isEffect) return [`it has ${effects} effects in the log`];
  if (accepted.length === 0) {
    // An attempt that nothing was heard of may yet take effect after another was refused.
    return events.length > 0 && unknown === 0 ? ['it was refused, and took effect'] : [];
  }
  if (events.length === 0) return ['it was acknowledged, and is not in the log'];
  return accepted.flatMap((answer) => wrongInAnswer(answer, events));
}

function wrongInAnswer(answer: Answer, events: readonly RecordedEvent[]): string[] {
  const told = sessionsOf(answer).map((one) => [one['id'], one['etag'], one['start'], one['duration'], one['state']]);
  const written = events.filter(({ data }) => 'sessionId' in data).map(sessionIn);
  const { hold } = (answer.response ?? {}) as { hold?: JsonObject };
  if (hold && !events.some(({ data }) => data['holdId'] === hold['id']))
    return [`hold ${hold['id']} is not in the log`];
  return hold || JSON.stringify(told.sort()) === JSON.stringify(written.sort())
    ? []
    : [`it was answered ${JSON.stringify(told)}, but written as ${JSON.stringify(written)}`];
}

function sessionIn(event: RecordedEvent) {
  const { data, revision } = event;
  return [data['sessionId'], String(revision), data['start'], data['duration'], stateAfter(event)];
}

function stateAfter(event: RecordedEvent): unknown {
  switch (nameOf(event)) {
    case 'SessionCancelled':
      return 'SESSION_STATE_CANCELLED';
    case 'SessionCompleted':
      return 'SESSION_STATE_COMPLETED';
    case 'SessionMarkedNoShow':
      return 'SESSION_STATE_NO_SHOW';
    case 'SessionOutcomeCorrected':
      return event.data['outcome'];
    default:
      return 'SESSION_STATE_SCHEDULED';
  }
}

function nameOf({ type }: RecordedEvent): string {
  return type.slice(type.lastIndexOf('.') + 1);
}
