import { dayOf } from './dates.js';
import type { ZoneRules } from './zones/zone-rules.js';

/** A field of a request, in proto names, and the rule that it breaks, as a sentence about the field. */
export interface BrokenField {
  readonly field: string;
  readonly description: string;
}

/** The field with its rule, or nothing when no rule is broken. */
export function broken(field: string, description: string | undefined): BrokenField[] {
  return description === undefined ? [] : [{ field, description }];
}

/** Why a text is not the name of a time zone; undefined when it is one. */
export function brokenZone(text: string, rules: ZoneRules): string | undefined {
  if (text === '') return 'is required';
  if (rules.zone(text)) return undefined;
  return `must be the IANA name of a time zone, such as Europe/Zurich (release ${rules.version})`;
}

/** Why a text is not a date; undefined when it is one. */
export function brokenDate(text: string): string | undefined {
  return dayOf(text) === undefined ? 'must be a date of the calendar, such as 2030-12-24' : undefined;
}
