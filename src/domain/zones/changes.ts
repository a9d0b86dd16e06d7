import { dayNumber, weekdayOf } from '../recurrence/days.js';
import type { Era, MonthDay, SavingRule, YearTime } from './tz-source.js';

/** When the clocks of a zone change, and to what. */
export interface Changes {
  /** Epoch milliseconds, in order; the first is minus infinity. */
  readonly starts: readonly number[];
  /** Milliseconds ahead of UTC from the start with the same index on. */
  readonly offsets: readonly number[];
}

interface Change {
  readonly start: number;
  readonly offset: number;
}

/** All changes up to the end of a year, as zic(8) finds them. Times are seconds, up to the answer. */
export function changesOf(eras: readonly Era[], lastYear: number): Changes {
  const changes: Change[] = [];
  let start = Number.NEGATIVE_INFINITY;
  for (const era of eras) {
    const { changes: inEra, saving } = changesIn(era, start, lastYear);
    changes.push(...inEra);
    if (era.until) start = instantIn(era.until.year, era.until, era.offset, saving);
  }
  const inOrder = withoutBlinks(changes.sort((one, other) => one.start - other.start));
  return { starts: inOrder.map((one) => one.start * 1000), offsets: inOrder.map((one) => one.offset * 1000) };
}

/**
 * Where an era begins as a rule sets in, clocks would go to the standard time of the era and at once, by what they show,
 * on to that of the rule. They go there directly.
 */
function withoutBlinks(changes: readonly Change[]): readonly Change[] {
  const kept: Change[] = [];
  for (const change of changes) {
    const [before, last] = [kept.at(-2), kept.at(-1)];
    if (before && last && change.start + last.offset <= last.start + before.offset) {
      kept[kept.length - 1] = { start: last.start, offset: change.offset };
    } else {
      kept.push(change);
    }
  }
  return kept;
}

/** The changes in an era, with the one at its start, and what is saved at its end. */
function changesIn(era: Era, start: number, lastYear: number): { changes: Change[]; saving: number } {
  const { offset, until } = era;
  if (typeof era.saving === 'number') {
    return { changes: [{ start, offset: offset + era.saving }], saving: era.saving };
  }
  const changes: Change[] = [];
  let saving = 0;
  let atStart: number | undefined = offset;
  const end = Math.min(until?.year ?? lastYear, lastYear);
  for (let year = Math.min(...era.saving.map(({ firstYear }) => firstYear)); year <= end; year += 1) {
    let rules = era.saving.filter((rule) => rule.firstYear <= year && year <= rule.lastYear);
    while (rules.length > 0) {
      const rule = earliest(rules, year, offset, saving);
      const time = instantIn(year, rule, offset, saving);
      rules = rules.filter((one) => one !== rule);
      if (until && time >= instantIn(until.year, until, offset, saving)) break;
      saving = rule.saving;
      if (time < start) {
        atStart = offset + saving;
      } else {
        if (time === start) atStart = undefined;
        changes.push({ start: time, offset: offset + saving });
      }
    }
  }
  if (atStart !== undefined) changes.push({ start, offset: atStart });
  return { changes, saving };
}

function earliest(rules: readonly SavingRule[], year: number, offset: number, saving: number): SavingRule {
  return rules.reduce((one, other) => {
    return instantIn(year, other, offset, saving) < instantIn(year, one, offset, saving) ? other : one;
  });
}

/** When it is that time of a year, in epoch seconds. */
function instantIn(year: number, { month, day, time, clock }: YearTime, offset: number, saving: number): number {
  const shown = dayIn(year, month, day) * 86_400 + time;
  switch (clock) {
    case 'utc':
      return shown;
    case 'standard':
      return shown - offset;
    case 'wall':
      return shown - offset - saving;
    default:
      return clock satisfies never;
  }
}

function dayIn(year: number, month: number, { day, weekday, direction }: MonthDay): number {
  const nextMonth = () => (month === 12 ? dayNumber(year + 1, 1, 1) : dayNumber(year, month + 1, 1));
  const number = day === undefined ? nextMonth() - 1 : dayNumber(year, month, day);
  if (weekday === undefined) return number;
  const ahead = (weekday - weekdayOf(number) + 7) % 7;
  if (direction === 'from' || ahead === 0) return number + ahead;
  return number + ahead - 7;
}
