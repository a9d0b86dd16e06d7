import {
  type AvailabilityEvent,
  type Entry,
  type OfferingEvent,
  type PolicyEvent,
  type StoredTimeOff,
  timeOf,
} from './stored-events.js';

export type AvailabilityChange = Entry<AvailabilityEvent>;
export type PolicyChange = Entry<PolicyEvent>;

/** A time off as an event left it. Times are epoch milliseconds. */
export interface TimeOff {
  readonly stored: StoredTimeOff;
  /** Null once it is removed, which says no more when it was added. */
  readonly addedAt: number | null;
  readonly removedAt: number | null;
  readonly revision: number;
}

/** What a coach offers, as far as the log or the read model can be wrong about it. */
export interface Offering {
  /** By their revisions, in order. */
  readonly availability: Map<number, AvailabilityChange>;
  /** The last change. */
  policy: PolicyChange | undefined;
  /** By its id. What was removed stays, and time off of long ago, too, unlike in the service. */
  readonly timeOff: Map<string, TimeOff>;
}

/** Nothing set. */
export function newOffering(): Offering {
  return { availability: new Map(), policy: undefined, timeOff: new Map() };
}

/** The last change of an availability. */
export function lastOf(availability: Offering['availability']): AvailabilityChange | undefined {
  return [...availability.values()].at(-1);
}

/** Whether an event set what it is of, and did not delete it. */
export function isSet<Event extends AvailabilityEvent | PolicyEvent>(
  event: Event,
): event is Extract<Event, { readonly $typeName: `${string}Set` }> {
  return event.$typeName.endsWith('Set');
}

/** What an offering needs to be audited. */
export interface OfferingChecks {
  /** Says what is wrong with the event. */
  readonly wrong: (what: string) => void;
  /** Notes that the id of a time off is in use, and says so if it was before. */
  readonly claim: (id: string) => void;
}

/** Changes the offering as an event says. Throws when a time is missing in the event. */
export function applyToOffering(
  offering: Offering,
  entry: Entry<OfferingEvent>,
  { wrong, claim }: OfferingChecks,
): void {
  const { event, revision } = entry;
  switch (event.$typeName) {
    case 'aceup.scheduler.v1.AvailabilitySet':
      timeOf(event.setAt);
      if (event.outside.length > event.outsideCount) wrong('more sessions outside the hours are listed than counted');
      offering.availability.set(revision, { ...entry, event });
      return;
    case 'aceup.scheduler.v1.AvailabilityDeleted':
      timeOf(event.deletedAt);
      if (!isSetBy(lastOf(offering.availability))) wrong('an availability is deleted that was not set');
      offering.availability.set(revision, { ...entry, event });
      return;
    case 'aceup.scheduler.v1.BookingPolicySet':
      timeOf(event.setAt);
      offering.policy = { ...entry, event };
      return;
    case 'aceup.scheduler.v1.BookingPolicyDeleted':
      timeOf(event.deletedAt);
      if (!isSetBy(offering.policy)) wrong('a booking policy is deleted that was not set');
      offering.policy = { ...entry, event };
      return;
    case 'aceup.scheduler.v1.TimeOffAdded':
      add(given(event.timeOff), timeOf(event.addedAt));
      return;
    case 'aceup.scheduler.v1.TimeOffRemoved':
      remove(given(event.timeOff), timeOf(event.removedAt));
      return;
    case 'aceup.scheduler.v1.TimeOffSynced':
      if (event.added.length + event.removed.length === 0) wrong('a sync changes nothing');
      for (const one of [...event.removed, ...event.added]) {
        if (one.source !== event.source) wrong(`time off ${one.timeOffId} is not of the source ${event.source}`);
      }
      for (const one of event.removed) remove(one, timeOf(event.syncedAt));
      for (const one of event.added) add(one, timeOf(event.syncedAt));
      return;
    default:
      event satisfies never;
  }

  function add(stored: StoredTimeOff, addedAt: number): void {
    claim(stored.timeOffId);
    if (!hasExtent(stored)) wrong(`time off ${stored.timeOffId} takes no time`);
    offering.timeOff.set(stored.timeOffId, { stored, addedAt, removedAt: null, revision });
  }

  function remove(stored: StoredTimeOff, removedAt: number): void {
    const id = stored.timeOffId;
    const before = offering.timeOff.get(id);
    if (!before || before.removedAt !== null) wrong(`time off ${id} is removed and was not there`);
    else if (textOf(before.stored) !== textOf(stored)) wrong(`time off ${id} is removed as it never was`);
    offering.timeOff.set(id, { stored, addedAt: null, removedAt, revision });
  }
}

function isSetBy(change: AvailabilityChange | PolicyChange | undefined): boolean {
  return change !== undefined && isSet(change.event);
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
