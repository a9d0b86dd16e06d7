import { WEEKDAYS } from '../../src/domain/availability/availability.js';
import type { CoachCommand, Occurrence } from '../../src/domain/coach/commands.js';
import { off, policy } from '../support/offering-samples.js';
import type { AskedFor } from './asked.js';
import type { Act } from './scenario.js';
import type { Truth } from './truth.js';

/** What is asked of a coach, however often: each time with ids and times of its own, as the service gives them. */
export interface Asking {
  readonly coach: string;
  /** A request id is good for the same content only. */
  readonly content: string;
  command(now: number): CoachCommand;
}

/** What turns acts into commands needs. */
export interface AskingParts {
  readonly truth: Truth;
  readonly askedFor: AskedFor;
  readonly newId: () => string;
  /** The name of a coach or a client in this run. */
  readonly nameOf: (what: string) => string;
}

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const MIDNIGHT = Date.UTC(2030, 0, 1);

/** When runs begin, by a clock that is right: on the second of the days on which things take place. */
export const BEGIN = MIDNIGHT + DAY;

/** When an act is to take place. */
export function startOf({ day, at }: Pick<Act, 'day' | 'at'>): number {
  return MIDNIGHT + day * DAY + at * 30 * MINUTE;
}

const REASON = 'because';

/** Answers what turns an act into what is asked of a coach. */
export function createAsking({ truth, askedFor, newId, nameOf }: AskingParts): (act: Act) => Asking {
  function ask(act: Act): Asking {
    switch (act.kind) {
      case 'reschedule':
      case 'cancel':
      case 'complete':
      case 'mark no-show':
      case 'correct outcome':
        return askOfSession(act);
      case 'remind':
        return askToRemind(act);
      case 'schedule series':
        return askForSeries(act);
      case 'reschedule series':
        return askToMoveSeries(act);
      case 'cancel series':
        return askToCancelSeries(act);
      case 'hold':
        return askForHold(act);
      case 'confirm hold':
        return askOfHold(act, 'ConfirmHold');
      case 'release hold':
        return askOfHold(act, 'ReleaseHold');
      case 'set hours':
        return askForHours(act);
      case 'set policy':
        return askForPolicy(act);
      case 'take time off':
        return askForTimeOff(act);
      default:
        return askForSession(act);
    }
  }

  function asking(act: Act, coach: string, content: unknown, command: Asking['command']): Asking {
    return { coach, content: JSON.stringify([act.kind, coach, content]), command };
  }

  function askForSession(act: Act): Asking {
    const slot = slotOf(act);
    return asking(act, slot.coachHashId, slot, (now) => {
      const sessionId = newId();
      askedFor.add({ kind: 'session', id: sessionId, coach: slot.coachHashId });
      return { type: 'ScheduleSession', sessionId, ...slot, reservationId: newId(), now };
    });
  }

  function askOfSession(act: Act): Asking {
    const session = askedFor.pick(act.which, 'session', 'hold');
    if (!session) return askForSession(act);
    const own = ownOf(act);
    const etag = act.flag && act.count === 3 ? etagOf(session.id, session.coach) : '';
    const told = { sessionId: session.id, etag, coachHashId: session.coach };
    return asking(act, session.coach, [told, own], (now) => ({ ...told, ...own, reservationId: newId(), now }));
  }

  /** Whoever reminds does so when it is due, or later: long after the other commands of the run. */
  function askToRemind(act: Act): Asking {
    const session = askedFor.pick(act.which, 'session', 'hold');
    if (!session) return askForSession(act);
    const { start } = truth.taken.findLast(({ id }) => id === session.id) ?? { start: startOf(act) };
    const offsetMinutes = act.count === 3 ? 10 : 5;
    const now = start - offsetMinutes * MINUTE + (act.flag ? 0 : MINUTE);
    const told = { sessionId: session.id, coachHashId: session.coach, offsetMinutes, now };
    return asking(act, session.coach, told, () => ({ type: 'RemindOfSession', ...told }));
  }

  function ownOf(act: Act) {
    const { start, duration } = slotOf(act);
    switch (act.kind) {
      case 'reschedule': {
        const to = act.count === 1 ? undefined : start;
        const long = act.flag || to === undefined ? duration : undefined;
        const { ignorePolicy } = underPolicy(act);
        return { type: 'RescheduleSession', start: to, duration: long, reason: REASON, ignorePolicy } as const;
      }
      case 'cancel':
        return { type: 'CancelSession', cancelledBy: partyOf(act), reason: REASON } as const;
      case 'complete':
        return { type: 'CompleteSession' } as const;
      case 'mark no-show':
        return { type: 'MarkNoShow', absent: absentOf(act) } as const;
      default: {
        const went =
          act.count === 1
            ? ({ outcome: 'completed', absent: undefined } as const)
            : ({ outcome: 'no_show', absent: absentOf(act) } as const);
        return { type: 'CorrectOutcome', ...went, reason: REASON } as const;
      }
    }
  }

  function askForSeries(act: Act): Asking {
    const { start, ...slot } = slotOf(act);
    const told = { ...slot, skipConflicts: act.flag, recurrence: `FREQ=DAILY;COUNT=${act.count + 1}` };
    return asking(act, slot.coachHashId, [start, told], (now) => {
      const seriesId = newId();
      const occurrences = Array.from({ length: act.count + 1 }, (_, index) =>
        occurrence(index + 1, start + index * DAY),
      );
      askedFor.add({ kind: 'series', id: seriesId, coach: slot.coachHashId, occurrences });
      for (const { sessionId: id } of occurrences) askedFor.add({ kind: 'session', id, coach: slot.coachHashId });
      const zone = {
        localStart: 'some day',
        timeZone: 'Europe/Zurich',
        disambiguation: 'compatible',
        zoneRulesVersion: '2026f',
      };
      return { type: 'ScheduleSeries', seriesId, ...told, ...zone, occurrences, clientConflicts: [], now };
    });
  }

  function occurrence(number: number, start: number, sessionId = newId()): Occurrence {
    return { sessionId, reservationId: newId(), occurrence: number, localStart: `day ${number}`, start };
  }

  function askToMoveSeries(act: Act): Asking {
    const series = askedFor.pick(act.which, 'series');
    if (!series?.occurrences) return askForSeries(act);
    const { id: seriesId, coach, occurrences } = series;
    const fromOccurrence = act.count;
    const moved = occurrences.filter((one) => one.occurrence >= fromOccurrence);
    const { start, duration } = slotOf(act);
    const long = act.flag ? duration : undefined;
    const told = { seriesId, coachHashId: coach, fromOccurrence, duration: long, ...underPolicy(act) };
    return asking(act, coach, [start, told], (now) => ({
      type: 'RescheduleSeries',
      ...told,
      localStart: 'another day',
      zoneRulesVersion: '2026f',
      reason: REASON,
      occurrences: moved.map((one) =>
        occurrence(one.occurrence, start + (one.occurrence - fromOccurrence) * DAY, one.sessionId),
      ),
      clientConflicts: [],
      now,
    }));
  }

  function askToCancelSeries(act: Act): Asking {
    const series = askedFor.pick(act.which, 'series');
    if (!series) return askForSeries(act);
    const told = { seriesId: series.id, coachHashId: series.coach, fromOccurrence: act.count };
    return asking(act, series.coach, told, (now) => {
      return { type: 'CancelSeries', ...told, cancelledBy: partyOf(act), reason: REASON, now };
    });
  }

  function askForHold(act: Act): Asking {
    const slot = slotOf(act);
    const ttl = act.count * 10 * MINUTE;
    return asking(act, slot.coachHashId, [slot, ttl], (now) => {
      const holdId = newId();
      askedFor.add({ kind: 'hold', id: holdId, coach: slot.coachHashId });
      return { type: 'HoldSlot', holdId, ...slot, expiresAt: now + ttl, reservationId: newId(), now };
    });
  }

  function askOfHold(act: Act, type: 'ConfirmHold' | 'ReleaseHold'): Asking {
    const hold = askedFor.pick(act.which, 'hold');
    if (!hold) return askForHold(act);
    return asking(act, hold.coach, hold.id, (now) => ({ type, holdId: hold.id, coachHashId: hold.coach, now }));
  }

  function slotOf(act: Act) {
    const who = { coachHashId: nameOf(`coach${act.coach}`), clientHashId: nameOf(`client${act.client}`) };
    return { ...who, start: startOf(act), duration: 30 * act.long, ...underPolicy(act) };
  }

  function askForHours(act: Act): Asking {
    const coachHashId = nameOf(`coach${act.coach}`);
    if (act.count === 1) {
      return asking(act, coachHashId, 'any', (now) => {
        return { type: 'DeleteAvailability', coachHashId, etag: undefined, now };
      });
    }
    const from = timeOfDay(startOf(act));
    const to = timeOfDay(startOf(act) + act.long * 60 * MINUTE);
    const weekly = act.flag ? [{ days: [...WEEKDAYS], from, to }] : [];
    const availability = { timeZone: 'Europe/Zurich', weekly, dates: [] };
    return asking(act, coachHashId, availability, (now) => {
      return { type: 'SetAvailability', coachHashId, availability, etag: undefined, now };
    });
  }

  function askForPolicy(act: Act): Asking {
    const coachHashId = nameOf(`coach${act.coach}`);
    if (act.count === 1) {
      return asking(act, coachHashId, 'none', (now) => {
        return { type: 'DeleteBookingPolicy', coachHashId, etag: undefined, now };
      });
    }
    const given = policy({
      gapBefore: act.flag ? 30 : undefined,
      maxPerDay: act.which,
      maxPerWeek: act.flag ? undefined : act.long,
      allowOutsideHours: act.count === 2,
    });
    return asking(act, coachHashId, given, (now) => {
      return { type: 'SetBookingPolicy', coachHashId, policy: given, etag: undefined, now };
    });
  }

  function askForTimeOff(act: Act): Asking {
    const coachHashId = nameOf(`coach${act.coach}`);
    const { start, duration } = slotOf(act);
    const one = () => off('00:00', '00:00', { timeOffId: newId(), start, end: start + duration * MINUTE });
    const [added] = act.flag ? idsOfTimeOff(coachHashId) : [];
    if (added) {
      return asking(act, coachHashId, added, (now) => ({ type: 'RemoveTimeOff', coachHashId, timeOffId: added, now }));
    }
    if (act.count === 1) {
      return asking(act, coachHashId, [start, duration], (now) => {
        return { type: 'AddTimeOff', coachHashId, timeOff: one(), now };
      });
    }
    const source = `source${act.which}`;
    return asking(act, coachHashId, [start, duration, source], (now) => {
      const timeOff = Array.from({ length: act.count - 1 }, () => ({ ...one(), source }));
      return { type: 'SyncTimeOff', coachHashId, source, timeOff, now };
    });
  }

  /** Of all that was ever added by itself. */
  function idsOfTimeOff(coach: string): string[] {
    const events = truth.streams.get(`coach-${coach}`) ?? [];
    return events.flatMap(({ data }) => (data['timeOff'] as { timeOffId: string } | undefined)?.timeOffId ?? []);
  }

  function etagOf(sessionId: string, coach: string): string {
    const events = truth.streams.get(`coach-${coach}`) ?? [];
    return String(events.findLastIndex(({ data }) => data['sessionId'] === sessionId));
  }

  return ask;
}

/** Some commands go against the policy. */
function underPolicy({ which }: Act) {
  return { ignorePolicy: which === 1 };
}

/** As clocks in UTC show it. */
function timeOfDay(instant: number): string {
  return new Date(instant).toISOString().slice(11, 16);
}

function partyOf({ count }: Act) {
  return (['client', 'coach', 'organization'] as const)[count % 3]!;
}

function absentOf({ flag }: Act) {
  return flag ? 'client' : 'coach';
}
