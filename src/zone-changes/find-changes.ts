import { COACH_STREAM_PREFIX } from '../domain/coach/coach.js';
import { followSeries, type ZoneChange } from '../domain/recurrence/zone-changes.js';
import type { ZoneRules } from '../domain/zones/zone-rules.js';
import { coachEvents } from '../event-store/event-codec.js';
import { type EventStore, START } from '../event-store/event-store.js';

/**
 * Reads the log, as it is at the call, and finds the sessions that begin at another instant by these rules. Throws
 * `StoreUnavailable` and the signal's reason.
 * @param now epoch milliseconds: only sessions that begin later
 */
export async function findZoneChanges(
  store: EventStore,
  rules: ZoneRules,
  now: number,
  signal: AbortSignal,
): Promise<ZoneChange[]> {
  const end = await store.head();
  const series = followSeries();
  if (end === START) return [];
  for await (const { events, position } of store.subscribe(START, { prefixes: [COACH_STREAM_PREFIX] }, signal)) {
    for (const recorded of events) series.note(coachEvents.decode(recorded), Number(recorded.revision));
    if (position >= end) break;
  }
  signal.throwIfAborted();
  return series.changes(rules, now);
}
