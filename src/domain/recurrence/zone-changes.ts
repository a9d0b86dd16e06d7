import type { CoachEvent } from '../coach/events.js';
import { type Session, sessionAfter } from '../coach/session.js';
import type { ZoneRules } from '../zones/zone-rules.js';
import { instantOf, wallTime } from './wall-time.js';

/** A session to come, whose wall time is another instant by the rules of time zones than when it was booked. */
export interface ZoneChange {
  readonly session: Session;
  readonly timeZone: string;
  /** Epoch milliseconds; undefined when the rules have no such zone. */
  readonly newStart: number | undefined;
}

/** Follows the sessions of series. */
export interface SeriesFollower {
  /** Takes note of an event of a coach. The events of a coach come in order. */
  note(event: CoachEvent, revision: number): void;
  /**
   * The sessions that are scheduled to begin after `now`, where their series has them, and begin at another instant by
   * these rules; in order of time.
   */
  changes(rules: ZoneRules, now: number): ZoneChange[];
}

/** A session, and the start that its series gave last. A session that was moved alone has another one. */
interface Placed {
  readonly session: Session;
  readonly startBySeries: number;
}

/** Follows the sessions of series, from the first event on. */
export function followSeries(): SeriesFollower {
  const zones = new Map<string, string>();
  const scheduled = new Map<string, Placed>();

  return {
    note(event, revision) {
      if (event.type === 'SeriesScheduled') zones.set(event.seriesId, event.timeZone);
      if (!('sessionId' in event) || event.seriesId === undefined) return;
      const session = sessionAfter(event, revision);
      const before = scheduled.get(session.id);
      const isBySeries = !before || (event.type === 'SessionRescheduled' && isToWallTime(event, before.session));
      const startBySeries = isBySeries ? session.start : before.startBySeries;
      if (session.state === 'scheduled') scheduled.set(session.id, { session, startBySeries });
      else scheduled.delete(session.id);
    },

    changes(rules, now) {
      const found: ZoneChange[] = [];
      for (const { session, startBySeries } of scheduled.values()) {
        const { start, localStart, seriesId = '' } = session;
        if (start <= now || start !== startBySeries || localStart === undefined) continue;
        const timeZone = zones.get(seriesId) ?? '';
        const zone = rules.zone(timeZone);
        const newStart = zone && instantOf(wallTime(localStart), zone);
        if (newStart !== start) found.push({ session, timeZone, newStart });
      }
      return found.sort((one, other) => one.session.start - other.session.start);
    },
  };
}

/** Whether a move takes a session to its wall time, old or new: its series moved, or the rules of its zone changed. */
function isToWallTime(
  { zoneRulesVersion, localStart }: Extract<CoachEvent, { type: 'SessionRescheduled' }>,
  before: Session,
): boolean {
  // Events before there were versions tell it only by a new wall time.
  return zoneRulesVersion !== undefined || localStart !== before.localStart;
}
