/*
 * Reads the rules of time zones as IANA publishes them: the lines of zic(8), in full or, as in the file tzdata.zi,
 * abbreviated. Offsets and times of day are seconds.
 */

/** A release of the rules. */
export interface TzSource {
  /** The name of the release: `2026f`. */
  readonly version: string;
  /** By the name of the zone: its eras in order. */
  readonly zones: ReadonlyMap<string, readonly Era[]>;
  /** By the other name of a zone: the name that it is for. */
  readonly links: ReadonlyMap<string, string>;
}

/** A time in which a zone has one standard time and one set of rules. */
export interface Era {
  /** Of standard time, ahead of UTC. */
  readonly offset: number;
  /** What clocks are ahead of standard time: by rules, or always by as much. */
  readonly saving: readonly SavingRule[] | number;
  /** When the era ends; undefined for the last one. */
  readonly until: (YearTime & { readonly year: number }) | undefined;
}

/** Every year from the first to the last, clocks are from some time on ahead of standard time by the saving. */
export interface SavingRule extends YearTime {
  readonly firstYear: number;
  /** Infinity: the rule is in force. */
  readonly lastYear: number;
  readonly saving: number;
}

/** A time of a year. */
export interface YearTime {
  /** From 1. */
  readonly month: number;
  readonly day: MonthDay;
  /** May be negative, or more than a day. */
  readonly time: number;
  /** Which clock shows the time. */
  readonly clock: 'wall' | 'standard' | 'utc';
}

/** A day of a month: its number, or the first such weekday from that day on, or the last one up to it. */
export interface MonthDay {
  /** From 1; undefined: the last of the month. */
  readonly day: number | undefined;
  /** From 0, Monday; undefined: any. */
  readonly weekday?: number;
  readonly direction?: 'from' | 'upTo';
}

const MONTHS = 'january february march april may june july august september october november december'.split(' ');
const WEEKDAYS = 'monday tuesday wednesday thursday friday saturday sunday'.split(' ');
const CLOCKS = { '': 'wall', w: 'wall', s: 'standard', u: 'utc', g: 'utc', z: 'utc' } as const;

/** Reads a release. Throws an error that names the line, when the text has another form. */
export function readTzSource(text: string): TzSource {
  const [, version] = /^# version (\S+)/.exec(text) ?? [];
  if (!version) throw new Error('line 1 must name the version, as in "# version 2026f"');

  const rules = new Map<string, SavingRule[]>();
  const zones = new Map<string, Era[]>();
  const links = new Map<string, string>();
  let eras: Era[] = [];
  const read = (fields: string[]) => {
    const [keyword, name, other] = fields;
    if (eras.at(-1)?.until) {
      eras.push(readEra(fields, rules));
    } else if (is('rule', keyword)) {
      rules.set(given(name), [...(rules.get(given(name)) ?? []), readRule(fields)]);
    } else if (is('link', keyword)) {
      links.set(given(other), given(name));
    } else if (is('zone', keyword)) {
      eras = [readEra(fields.slice(2), rules)];
      zones.set(given(name), eras);
    } else {
      throw new Error('is no Rule, Zone or Link');
    }
  };

  for (const [index, line] of text.split('\n').entries()) {
    const fields = line.replace(/#.*/, '').trim().split(/\s+/);
    if (fields[0] === '') continue;
    try {
      read(fields);
    } catch (error) {
      throw new Error(`line ${index + 1}: ${(error as Error).message}`);
    }
  }
  return { version, zones, links };
}

/** `Rule NAME FROM TO - IN ON AT SAVE LETTERS` */
function readRule([, , from, to, , month, day, at, saving]: string[]): SavingRule {
  const firstYear = whole(from);
  const isOnly = is('only', to);
  const lastYear = isOnly ? firstYear : is('maximum', to) ? Number.POSITIVE_INFINITY : whole(to);
  return { firstYear, lastYear, ...readYearTime(month, day, at), saving: readTime(given(saving).replace(/[sd]$/, '')) };
}

/** `STDOFF RULES FORMAT [UNTIL]`. The rules of tzdata.zi are above the zones that have them. */
function readEra(fields: string[], rules: ReadonlyMap<string, readonly SavingRule[]>): Era {
  const [offset, saving, , year, month, day, at] = fields;
  const until = year === undefined ? undefined : { year: whole(year), ...readYearTime(month, day, at) };
  return { offset: readTime(given(offset)), saving: rules.get(given(saving)) ?? readTime(given(saving)), until };
}

function readYearTime(month = 'January', day = '1', at = '0'): YearTime {
  const [, time = '', clock = ''] = /^(.*?)([wsugz]?)$/.exec(at) ?? [];
  const monthNumber = MONTHS.findIndex((name) => is(name, month)) + 1;
  if (monthNumber === 0) throw new Error(`${month} is no month`);
  const clockNamed = CLOCKS[clock as keyof typeof CLOCKS];
  return { month: monthNumber, day: readDay(day), time: readTime(time), clock: clockNamed };
}

/** `8`, `lastSun`, `Sun>=8`, `Sun<=25` */
function readDay(text: string): MonthDay {
  if (/^\d+$/.test(text)) return { day: Number(text) };
  const [, last] = /^last(\w+)$/i.exec(text) ?? [];
  if (last) return { day: undefined, weekday: weekdayNamed(last), direction: 'upTo' };
  const [, weekday, direction, day] = /^(\w+)([<>])=(\d+)$/.exec(text) ?? [];
  if (!weekday) throw new Error(`${text} is no day`);
  return { day: Number(day), weekday: weekdayNamed(weekday), direction: direction === '>' ? 'from' : 'upTo' };
}

function weekdayNamed(text: string): number {
  const weekday = WEEKDAYS.findIndex((name) => is(name, text));
  if (weekday < 0) throw new Error(`${text} is no weekday`);
  return weekday;
}

/** Seconds: `-` is 0, `1:30` an hour and a half, `-0:16:8`. */
function readTime(text: string): number {
  if (text === '-') return 0;
  const [, sign, hours, minutes = '0', seconds = '0'] = /^(-?)(\d+)(?::(\d+))?(?::(\d+))?$/.exec(text) ?? [];
  if (hours === undefined) throw new Error(`${text} is no time`);
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign ? -total : total;
}

function whole(text: string | undefined): number {
  if (!text || !/^\d+$/.test(text)) throw new Error(`${text} is no year`);
  return Number(text);
}

function given(text: string | undefined): string {
  if (text === undefined) throw new Error('has too few fields');
  return text;
}

/** Whether a text is a word or its beginning. The first word that fits is meant: `Ja` is January, `T` Tuesday. */
function is(word: string, text: string | undefined): boolean {
  return text !== undefined && text !== '' && word.startsWith(text.toLowerCase());
}
