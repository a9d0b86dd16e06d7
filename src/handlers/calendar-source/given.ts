import {
  type CalendarSources,
  DEFAULT_INTERVAL,
  MAX_INTERVAL,
  MIN_INTERVAL,
  type SourceKey,
  type SourceSettings,
} from '../../application/calendar-sources.js';
import type { CalendarSource } from '../../gen/aceup/scheduler/v1/calendar_pb.js';
import { timeOffSource } from '../availability/given.js';
import { type Broken, check, hashId, required, requiredText } from '../request/fields.js';

/**
 * Which calendar source a request is about. Throws INVALID_ARGUMENT with all violations.
 * @param others the violations of the request's other fields
 */
export function keyGiven({ coachHashId, source }: SourceKey, ...others: Broken[]): SourceKey {
  check(
    hashId('coach_hash_id', coachHashId),
    requiredText('source', source) ?? timeOffSource('source', source),
    ...others,
  );
  return { coachHashId, source };
}

/** What is wrong with a calendar source in a request. */
export function brokenSource(
  { brokenUrl }: Pick<CalendarSources, 'brokenUrl'>,
  given: CalendarSource | undefined,
): Broken[] {
  if (!given) return [required('calendar_source', given)];
  const description = given.url ? brokenUrl(given.url) : 'is required';
  return [
    description === undefined ? undefined : { field: 'calendar_source.url', description },
    interval('calendar_source.interval', given.interval),
  ];
}

/** What a request sets that `brokenSource` finds no fault with. */
export function settingsGiven(given: CalendarSource | undefined): SourceSettings {
  if (!given?.url) throw new Error('checked before');
  return { url: given.url, interval: given.interval || DEFAULT_INTERVAL };
}

function interval(field: string, value: number): Broken {
  if (value === 0 || (value >= MIN_INTERVAL && value <= MAX_INTERVAL)) return undefined;
  return { field, description: `must be ${MIN_INTERVAL} to ${MAX_INTERVAL} minutes, or 0 for the default` };
}
