import type {
  AddTimeOff,
  DeleteAvailability,
  DeleteBookingPolicy,
  OfferingCommand,
  RemoveTimeOff,
  SetAvailability,
  SetBookingPolicy,
  SyncTimeOff,
} from '../availability/commands.js';
import type { SessionOutsideHours } from '../availability/events.js';
import { hoursCalendar, hoursWithin, reachOf } from '../availability/hours.js';
import { policyOf, timeOffSince, type Version } from '../availability/offering.js';
import { termsOf } from '../availability/terms.js';
import {
  endOfTimeOff,
  FORGOTTEN_AFTER,
  MAX_TIME_OFF,
  type TimeOff,
  timeKey,
  timeTaken,
} from '../availability/time-off.js';
import { intervalOf } from '../slot.js';
import { itemsBetween } from '../sorted-list.js';
import type { ZoneRules } from '../zones/zone-rules.js';
import type { CoachState } from './coach.js';
import { accept, type Decision, reject } from './decision.js';
import { isWanted, type WantedEtag } from './etag.js';
import { isHold } from './hold.js';

/** The most sessions outside new hours that are listed. */
export const MAX_OUTSIDE = 1_000;

/** Decides commands about the times that a coach offers. */
export function decideOffering(command: OfferingCommand, state: CoachState, zoneRules: ZoneRules): Decision {
  switch (command.type) {
    case 'SetAvailability':
      return setAvailability(command, state, zoneRules);
    case 'DeleteAvailability':
      return deleteAvailability(command, state);
    case 'SetBookingPolicy':
      return setBookingPolicy(command, state);
    case 'DeleteBookingPolicy':
      return deleteBookingPolicy(command, state);
    case 'AddTimeOff':
      return addTimeOff(command, state);
    case 'RemoveTimeOff':
      return removeTimeOff(command, state);
    case 'SyncTimeOff':
      return syncTimeOff(command, state, zoneRules);
    default:
      return command satisfies never;
  }
}

/** A text that differs after every change of what the version is of. What is not set has none. */
export function etagOfVersion(version: Version | undefined): string {
  return version ? String(version.revision) : '';
}

function setAvailability(command: SetAvailability, state: CoachState, zoneRules: ZoneRules): Decision {
  const stale = staleEtag(command.etag, state.offering.availability);
  if (stale) return stale;
  const { coachHashId, availability, now } = command;
  const { timeZone, weekly, dates } = availability;
  const zone = zoneRules.zone(timeZone);
  if (!zone) throw new Error(`${timeZone} is no time zone`);
  const hours = hoursCalendar(availability, zone);
  const outside = scheduledAfter(state, now).filter((slot) => {
    const { start, end } = intervalOf(slot);
    return reachOf(hoursWithin(hours, { start, end }), start) < end;
  });
  return accept({
    type: 'AvailabilitySet',
    coachHashId,
    timeZone,
    weekly,
    dates,
    outside: outside.slice(0, MAX_OUTSIDE),
    outsideCount: outside.length,
    setAt: now,
  });
}

/** The sessions that have not started: all of them are scheduled. */
function scheduledAfter({ calendar }: CoachState, now: number): SessionOutsideHours[] {
  const entries = itemsBetween(
    calendar,
    ({ start }) => start > now,
    () => false,
  );
  return entries
    .filter((entry) => !isHold(entry))
    .map(({ id: sessionId, start, duration }) => ({ sessionId, start, duration }));
}

function deleteAvailability({ coachHashId, etag, now }: DeleteAvailability, { offering }: CoachState): Decision {
  if (!offering.availability) return reject('AVAILABILITY_NOT_FOUND');
  const stale = staleEtag(etag, offering.availability);
  return stale ?? accept({ type: 'AvailabilityDeleted', coachHashId, deletedAt: now });
}

function setBookingPolicy({ coachHashId, policy, etag, now }: SetBookingPolicy, { offering }: CoachState): Decision {
  const stale = staleEtag(etag, offering.policy);
  return stale ?? accept({ type: 'BookingPolicySet', coachHashId, ...policyOf(policy), setAt: now });
}

function deleteBookingPolicy({ coachHashId, etag, now }: DeleteBookingPolicy, { offering }: CoachState): Decision {
  if (!offering.policy) return reject('BOOKING_POLICY_NOT_FOUND');
  const stale = staleEtag(etag, offering.policy);
  return stale ?? accept({ type: 'BookingPolicyDeleted', coachHashId, deletedAt: now });
}

function staleEtag(wanted: WantedEtag, version: Version | undefined): Decision | undefined {
  const etag = etagOfVersion(version);
  return isWanted(wanted, etag) ? undefined : reject({ reason: 'STALE_ETAG', etag });
}

function addTimeOff({ coachHashId, timeOff, now }: AddTimeOff, { offering }: CoachState): Decision {
  if (timeOffSince(offering, now).length >= MAX_TIME_OFF) return reject('TIME_OFF_QUOTA');
  return accept({ type: 'TimeOffAdded', coachHashId, timeOff, addedAt: now });
}

function removeTimeOff({ coachHashId, timeOffId, now }: RemoveTimeOff, { offering }: CoachState): Decision {
  const found = timeOffSince(offering, Number.NEGATIVE_INFINITY).find((one) => one.timeOffId === timeOffId);
  if (!found) return reject('TIME_OFF_NOT_FOUND');
  return accept({ type: 'TimeOffRemoved', coachHashId, timeOff: withoutKey(found), removedAt: now });
}

function syncTimeOff(command: SyncTimeOff, { offering }: CoachState, zoneRules: ZoneRules): Decision {
  const { coachHashId, source, calendar, now } = command;
  const wanted = timeOffToSync(command);
  const all = timeOffSince(offering, now);
  // A document says nothing of what is over.
  const since = calendar ? now : Number.NEGATIVE_INFINITY;
  const { zone } = termsOf(offering, zoneRules);
  const existing = all.filter((one) => one.source === source && timeTaken(one, zone).end > since);
  const existingKeys = new Set(existing.map(timeKey));
  const added = [...wanted.values()].filter((one) => !existingKeys.has(timeKey(one)));
  const kept = new Set<string>();
  const removed = existing.filter((one) => {
    const key = timeKey(one);
    // Of two that take the same time, one is enough.
    if (!wanted.has(key) || kept.has(key)) return true;
    kept.add(key);
    return false;
  });
  if (added.length === 0 && removed.length === 0) return accept();
  if (all.length + added.length - removed.length > MAX_TIME_OFF) return reject('TIME_OFF_QUOTA');
  return accept({
    type: 'TimeOffSynced',
    coachHashId,
    source,
    added,
    removed: removed.map(withoutKey),
    total: wanted.size,
    calendar,
    syncedAt: now,
  });
}

/** What a sync asks for, by the time that it takes: each time once, and nothing that ended long ago. */
export function timeOffToSync({ timeOff, now }: Pick<SyncTimeOff, 'timeOff' | 'now'>): ReadonlyMap<string, TimeOff> {
  const wanted = new Map<string, TimeOff>();
  for (const one of timeOff) {
    const key = timeKey(one);
    if (!wanted.has(key) && endOfTimeOff(one) > now - FORGOTTEN_AFTER) wanted.set(key, one);
  }
  return wanted;
}

/** The fields of a time off, without those by which the state keeps it. */
function withoutKey(timeOff: TimeOff): TimeOff {
  const { timeOffId, start, end, firstDate, lastDate, reason, source, externalId } = timeOff;
  return { timeOffId, start, end, firstDate, lastDate, reason, source, externalId };
}
