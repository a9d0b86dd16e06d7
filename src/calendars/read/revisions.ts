import { type CalendarEvent, type Replaced, replacedBy } from './event.js';
import { readTime, textOf } from './values.js';
import { momentIfKnown } from './zones.js';

/**
 * The events of one UID without the revisions that a newer one is in place of, as RFC 5546, 2.1.5, has it. Overrides of
 * the same occurrence are revisions of one override: the highest SEQUENCE counts, of those the latest DTSTAMP. Of events
 * without RECURRENCE-ID the highest SEQUENCE counts; all that have it do, since programs exist that give several events
 * one UID, and a change of time must raise SEQUENCE.
 */
export function latestRevisions(events: readonly CalendarEvent[]): CalendarEvent[] {
  if (events.length < 2) return [...events];
  const revisions = new Map<string, CalendarEvent[]>();
  for (const event of events) {
    const replaced = replacedBy(event);
    const key = replaced ? keyOf(replaced, event) : '';
    const others = revisions.get(key);
    if (others) others.push(event);
    else revisions.set(key, [event]);
  }
  return [...revisions].flatMap(([key, same]) => {
    const highest = withHighest(same, sequenceOf);
    return key === '' ? highest : withHighest(highest, stampOf);
  });
}

/** What an override is for. The same occurrence in two forms, such as a date and a time, is not known to be the same. */
function keyOf({ time, isRest }: Replaced, { clocks }: CalendarEvent): string {
  const isOfZone = time.kind === 'utc' || (time.kind === 'local' && time.zoneName);
  const instant = isOfZone ? momentIfKnown(time, clocks)?.instant : undefined;
  return `${isRest}/${instant ?? `${time.kind}/${time.zoneName}/${time.shown}`}`;
}

/** Those with the highest number, and those without one, of which nobody can tell. */
function withHighest(
  events: readonly CalendarEvent[],
  numberOf: (event: CalendarEvent) => number | undefined,
): readonly CalendarEvent[] {
  if (events.length < 2) return events;
  const numbers = events.map(numberOf);
  const highest = numbers.reduce((most: number, one) => Math.max(most, one ?? most), Number.NEGATIVE_INFINITY);
  return events.filter((_, index) => (numbers[index] ?? highest) === highest);
}

/** An event without SEQUENCE has 0. */
function sequenceOf({ component: { lines } }: CalendarEvent): number | undefined {
  const text = textOf(lines.get('SEQUENCE')?.[0]) ?? '0';
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function stampOf({ component: { lines } }: CalendarEvent): number | undefined {
  return readTime(textOf(lines.get('DTSTAMP')?.[0]) ?? '')?.ms;
}
