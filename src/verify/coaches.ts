import { follows, headOf } from './append-groups.js';
import { type Clients, nameOf, type Place, type Taken } from './clients.js';
import { type Coach, isMadeFrom, isTaking, newCoach, type WaitingCheck } from './coach.js';
import type { Faults } from './faults.js';
import { holdAfter, wrongInEnd } from './hold.js';
import { createIdSet } from './id-set.js';
import { applyToOffering } from './offering.js';
import { noteRequest } from './requests.js';
import { type Session, sessionAfter, wrongInChange } from './session.js';
import {
  type CoachEvent,
  type Entry,
  type HoldEvent,
  nameOf as nameOfEvent,
  type SessionEvent,
  timeOf,
} from './stored-events.js';

/** The coaches, as their streams say. */
export interface Coaches {
  readonly byId: ReadonlyMap<string, Coach>;
  /** An event of a coach's stream. Answers the session that it leaves, if any. Throws when a time is missing in it. */
  apply(coachHashId: string, entry: Entry<CoachEvent>): Session | undefined;
  /** Makes the checks that wait for the events of an append to follow: there are no more. */
  finish(): void;
}

/** No coaches yet. */
export function createCoaches(clients: Clients, faults: Faults): Coaches {
  const byId = new Map<string, Coach>();
  // Ids are unique over all coaches; a hold and its session share one.
  const ids = createIdSet();

  function coachOf(id: string): Coach {
    const known = byId.get(id);
    if (known) return known;
    const coach = newCoach();
    byId.set(id, coach);
    return coach;
  }

  function wrong({ position, stream, revision }: Place, what: string): void {
    faults.add({ position, stream, revision, what });
  }

  function claim(id: string, what: string, place: Place): void {
    if (!ids.add(id)) wrong(place, `${what} ${id} has an id that is in use`);
  }

  /** @param before what took time and was changed, if anything */
  function change(coach: Coach, before: Taken | undefined, after: Taken, place: Place): void {
    if (before && isTaking(before)) {
      coach.taken.remove(before);
      clients.free(before);
    }
    if (!isTaking(after)) return;
    if (after.reservationId !== null && coach.abandoned.has(after.reservationId)) {
      wrong(place, `${nameOf(after)} uses reservation ${after.reservationId}, which was abandoned`);
    }
    coach.taken.add(after);
    clients.take(after, place);
    // A series that moves may put a session where another one of it still is.
    const check = { taken: after, place };
    if (coach.head) coach.head.waiting.push(check);
    else checkFree(coach, check);
  }

  function checkFree(coach: Coach, { taken, place }: WaitingCheck): void {
    const { position, stream, revision } = place;
    if (!Number.isInteger(taken.duration) || taken.duration < 1 || taken.duration > 1440) {
      wrong(place, `${nameOf(taken)} lasts ${taken.duration} minutes`);
    }
    for (const other of coach.taken.overlapping(taken)) {
      wrong(place, `${nameOf(taken)} overlaps ${nameOf(other)} of the same coach`);
    }
    clients.checkFree(taken, { position, stream, revision });
  }

  function closeHead(coach: Coach): void {
    const { head } = coach;
    if (!head) return;
    coach.head = undefined;
    const { entry, isFollowed, waiting } = head;
    if (!isFollowed) wrong(entry, `the events that belong to this ${nameOfEvent(entry.event)} do not follow it`);
    for (const check of waiting) checkFree(coach, check);
  }

  function applySession(coach: Coach, entry: Entry<SessionEvent>): Session {
    const { event, revision } = entry;
    const before = coach.sessions.get(event.sessionId);
    const after = sessionAfter(event, revision, before);
    if (before) {
      for (const what of wrongInChange(before, after, event)) wrong(entry, `${nameOf(after)} ${what}`);
    } else if (event.$typeName === 'aceup.scheduler.v1.SessionScheduled') {
      const hold = coach.holds.get(after.id);
      if (!hold) claim(after.id, 'session', entry);
      else if (!isMadeFrom(hold, after)) wrong(entry, `${nameOf(after)} is not as the hold that it is made from`);
      if (after.seriesId !== null && coach.series.get(after.seriesId)?.client !== after.client) {
        wrong(entry, `${nameOf(after)} belongs to series ${after.seriesId}, which its client never had`);
      }
    } else {
      wrong(entry, `${nameOf(after)} was never booked`);
    }
    coach.sessions.set(after.id, after);
    change(coach, before, after, entry);
    return after;
  }

  function applyHold(coach: Coach, entry: Entry<HoldEvent>): void {
    const before = coach.holds.get(entry.event.holdId);
    const after = holdAfter(entry.event, entry.revision);
    if (before) for (const what of wrongInEnd(before, after)) wrong(entry, `${nameOf(after)} ${what}`);
    else if (after.state === 'open') claim(after.id, 'hold', entry);
    else wrong(entry, `${nameOf(after)} was never held`);
    coach.holds.set(after.id, after);
    change(coach, before, after, entry);
  }

  function applyOne(coach: Coach, entry: Entry<CoachEvent>): Session | undefined {
    const { event, revision } = entry;
    switch (event.$typeName) {
      case 'aceup.scheduler.v1.SessionScheduled':
      case 'aceup.scheduler.v1.SessionRescheduled':
      case 'aceup.scheduler.v1.SessionCancelled':
      case 'aceup.scheduler.v1.SessionCompleted':
      case 'aceup.scheduler.v1.SessionMarkedNoShow':
      case 'aceup.scheduler.v1.SessionOutcomeCorrected':
      case 'aceup.scheduler.v1.SessionReminderDue':
        return applySession(coach, { ...entry, event });
      case 'aceup.scheduler.v1.SlotHeld':
      case 'aceup.scheduler.v1.HoldConfirmed':
      case 'aceup.scheduler.v1.HoldReleased':
      case 'aceup.scheduler.v1.HoldExpired':
        applyHold(coach, { ...entry, event });
        return;
      case 'aceup.scheduler.v1.SeriesScheduled': {
        const { seriesId: id, coachHashId, clientHashId, scheduledAt, ...others } = event;
        claim(id, 'series', entry);
        const parties = { id, coach: coachHashId, client: clientHashId };
        coach.series.set(id, { ...others, ...parties, scheduledAt: timeOf(scheduledAt), revision });
        return;
      }
      case 'aceup.scheduler.v1.SeriesRescheduled':
      case 'aceup.scheduler.v1.SeriesCancelled':
        if (!coach.series.has(event.seriesId)) wrong(entry, `series ${event.seriesId} was never booked`);
        return;
      case 'aceup.scheduler.v1.ReservationAbandoned': {
        const { reservationId } = event;
        coach.abandoned.add(reservationId);
        const use = [...coach.sessions.values(), ...coach.holds.values()].find((one) => {
          return one.reservationId === reservationId && isTaking(one);
        });
        if (use) wrong(entry, `reservation ${reservationId} is abandoned while ${nameOf(use)} uses it`);
        return;
      }
      case 'aceup.scheduler.v1.AvailabilitySet':
      case 'aceup.scheduler.v1.AvailabilityDeleted':
      case 'aceup.scheduler.v1.BookingPolicySet':
      case 'aceup.scheduler.v1.BookingPolicyDeleted':
      case 'aceup.scheduler.v1.TimeOffAdded':
      case 'aceup.scheduler.v1.TimeOffRemoved':
      case 'aceup.scheduler.v1.TimeOffSynced':
        applyToOffering(
          coach.offering,
          { ...entry, event },
          {
            wrong: (what) => wrong(entry, what),
            claim: (id) => claim(id, 'time off', entry),
          },
        );
        return;
      default:
        return event satisfies never;
    }
  }

  return {
    byId,
    apply(coachHashId, entry) {
      const coach = coachOf(coachHashId);
      if (entry.event.coachHashId !== coachHashId) {
        wrong(entry, `the event is of coach ${entry.event.coachHashId}, whose stream this is not`);
      }
      const isFollower = coach.head !== undefined && follows(coach.head, entry);
      if (isFollower) coach.head!.isFollowed = true;
      else closeHead(coach);
      noteRequest(coach.requests, entry, !isFollower && isEffect(entry.event), faults);

      const session = applyOne(coach, entry);
      coach.head ??= headOf(entry);
      return session;
    },
    finish() {
      for (const coach of byId.values()) closeHead(coach);
    },
  };
}

/** Whether an event that follows from no other is what a command asked for, and not what its way cleared. */
function isEffect({ $typeName }: CoachEvent): boolean {
  return $typeName !== 'aceup.scheduler.v1.HoldExpired' && $typeName !== 'aceup.scheduler.v1.ReservationAbandoned';
}
