import { brokenUrl, type OutboundRules } from '../../outbound/outbound-url.js';

const EXAMPLE = 'https://calendar.example.com/basic.ics';

/** A URL as it is fetched. Programs that subscribe to calendars write `webcal:` for `https:`. */
export function calendarUrl(text: string): string {
  return text.replace(/^webcal:/i, 'https:');
}

/** Which rule the URL of a calendar breaks, as a sentence about it; undefined: none. */
export function brokenCalendarUrl(text: string, rules: OutboundRules): string | undefined {
  return brokenUrl(calendarUrl(text), rules, EXAMPLE);
}

/** The host of a URL of a calendar. */
export function hostOf(url: string): string {
  return new URL(url).hostname;
}
