import { type OfferingEvent, type StoredTimeOff, timeOf } from './stored-events.js';

/** What a coach offers, as far as the log can be wrong about it. */
export interface Offering {
  hasAvailability: boolean;
  hasPolicy: boolean;
  /** By its id. Time off of long ago stays, unlike in the service. */
  readonly timeOff: Map<string, StoredTimeOff>;
}

/** Nothing set. */
export function newOffering(): Offering {
  return { hasAvailability: false, hasPolicy: false, timeOff: new Map() };
}

/** What an offering needs to be audited. */
export interface OfferingChecks {
  /** Says what is wrong with the event. */
  readonly wrong: (what: string) => void;
  /** Notes that the id of a time off is in use, and says so if it was before. */
  readonly claim: (id: string) => void;
}

/** Changes the offering as an event says. Throws when a time is missing in the event. */
export function applyToOffering(offering: Offering, event: OfferingEvent, { wrong, claim }: OfferingChecks): void {
  switch (event.$typeName) {
    case 'aceup.scheduler.v1.AvailabilitySet':
      timeOf(event.setAt);
      if (event.outside.length > event.outsideCount) wrong('more sessions outside the hours are listed than counted');
      offering.hasAvailability = true;
      return;
    case 'aceup.scheduler.v1.AvailabilityDeleted':
      timeOf(event.deletedAt);
      if (!offering.hasAvailability) wrong('an availability is deleted that was not set');
      offering.hasAvailability = false;
      return;
    case 'aceup.scheduler.v1.BookingPolicySet':
      timeOf(event.setAt);
      offering.hasPolicy = true;
      return;
    case 'aceup.scheduler.v1.BookingPolicyDeleted':
      timeOf(event.deletedAt);
      if (!offering.hasPolicy) wrong('a booking policy is deleted that was not set');
      offering.hasPolicy = false;
      return;
    case 'aceup.scheduler.v1.TimeOffAdded':
      timeOf(event.addedAt);
      add(given(event.timeOff));
      return;
    case 'aceup.scheduler.v1.TimeOffRemoved':
      timeOf(event.removedAt);
      remove(given(event.timeOff));
      return;
    case 'aceup.scheduler.v1.TimeOffSynced':
      timeOf(event.syncedAt);
      if (event.added.length + event.removed.length === 0) wrong('a sync changes nothing');
      for (const one of [...event.removed, ...event.added]) {
        if (one.source !== event.source) wrong(`time off ${one.timeOffId} is not of the source ${event.source}`);
      }
      for (const one of event.removed) remove(one);
      for (const one of event.added) add(one);
      return;
    default:
      event satisfies never;
  }

  function add(timeOff: StoredTimeOff): void {
    claim(timeOff.timeOffId);
    if (!hasExtent(timeOff)) wrong(`time off ${timeOff.timeOffId} takes no time`);
    offering.timeOff.set(timeOff.timeOffId, timeOff);
  }

  function remove(timeOff: StoredTimeOff): void {
    const before = offering.timeOff.get(timeOff.timeOffId);
    if (!before) wrong(`time off ${timeOff.timeOffId} is removed and was not there`);
    else if (textOf(before) !== textOf(timeOff)) wrong(`time off ${timeOff.timeOffId} is removed as it never was`);
    offering.timeOff.delete(timeOff.timeOffId);
  }
}

function given(timeOff: StoredTimeOff | undefined): StoredTimeOff {
  if (!timeOff) throw new Error('a time off is missing in it');
  return timeOff;
}

function hasExtent({ start, end, firstDate, lastDate }: StoredTimeOff): boolean {
  if (start || end) return timeOf(start) < timeOf(end) && firstDate === '' && lastDate === '';
  return firstDate !== '' && firstDate <= lastDate;
}

function textOf({ start, end, ...texts }: StoredTimeOff): string {
  return JSON.stringify([start && timeOf(start), end && timeOf(end), ...Object.values(texts)]);
}
