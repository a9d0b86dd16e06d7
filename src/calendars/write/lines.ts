import ICAL from 'ical.js';

/** A property as jCal has it (RFC 7265): name, parameters, type of the value, value. */
export type Property = readonly [
  name: string,
  parameters: Readonly<Record<string, string>>,
  type: 'text' | 'integer' | 'date-time' | 'duration' | 'cal-address',
  value: string | number,
];

/** What ical.js knows of iCalendar, and names of calendars: RFC 7986 came later, X-WR-CALNAME is Apple's. */
const DESIGN = {
  ...ICAL.design.icalendar,
  property: {
    ...ICAL.design.icalendar.property,
    name: { defaultType: 'text' },
    'x-wr-calname': { defaultType: 'text' },
    'x-published-ttl': { defaultType: 'duration' },
  },
};

// A line has at most 75 octets, and ical.js does not count the blank that a continued one begins with.
ICAL.foldLength = 74;

/** What no text of a document may have, by RFC 5545: control characters but for tabs and ends of lines. */
const CONTROLS = /(?!\t|\n)\p{Cc}/gu;

/**
 * The lines of properties, each with its end: folded at 75 octets and never within a character, texts escaped. Values
 * of other types are written as they are: they must not have ends of lines.
 */
export function linesOf(properties: readonly Property[]): string {
  let lines = '';
  for (const [name, parameters, type, value] of properties) {
    const written = type === 'text' ? cleaned(String(value)) : value;
    lines += `${ICAL.stringify.property([name, parameters, type, written], DESIGN, false)}\r\n`;
  }
  return lines;
}

/** The text as a document may have it. ical.js would leave a CR, which some readers take for the end of a line. */
function cleaned(text: string): string {
  return text.toWellFormed().replaceAll(/\r\n?/g, '\n').replaceAll(CONTROLS, '');
}

/** An instant in epoch milliseconds as jCal has it, in UTC; documents have whole seconds. */
export function utc(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}
