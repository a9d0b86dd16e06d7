import ICAL from 'ical.js';

/** An event of a calendar as ical.js reads it; times are epoch milliseconds. */
export interface ReadEvent {
  readonly uid: string;
  readonly sequence: number;
  readonly status: string;
  readonly transp: string;
  readonly start: number;
  readonly end: number;
  readonly summary: string;
  readonly stamp: number;
  readonly created: number;
  readonly modified: number;
}

/** The events of a calendar as ical.js reads it. */
export function readBack(text: string): ReadEvent[] {
  const calendar = new ICAL.Component(ICAL.parse(text));
  return calendar.getAllSubcomponents('vevent').map(readEvent);
}

function readEvent(event: ICAL.Component): ReadEvent {
  const textOf = (name: string) => String(event.getFirstPropertyValue(name));
  const timeOf = (name: string) => (event.getFirstPropertyValue(name) as ICAL.Time).toJSDate().getTime();
  return {
    uid: textOf('uid'),
    sequence: Number(textOf('sequence')),
    status: textOf('status'),
    transp: textOf('transp'),
    start: timeOf('dtstart'),
    end: timeOf('dtend'),
    summary: textOf('summary'),
    stamp: timeOf('dtstamp'),
    created: timeOf('created'),
    modified: timeOf('last-modified'),
  };
}
