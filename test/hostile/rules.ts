import type { Random } from '../model/random.js';
import { between, pick } from './attack.js';

const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const BROKEN = [
  '',
  'FREQ',
  'FREQ=SECONDLY;COUNT=1',
  'RRULE:FREQ=DAILY',
  ';;;',
  'FREQ=DAILY;COUNT=1e9',
  'FREQ=DAILY;COUNT=٣',
];

/**
 * A recurrence rule that may match often, seldom or never, or is no rule at all.
 * @param longestList the most characters of one of its lists
 */
export function anyRule(random: Random, longestList: number): string {
  if (random.chance(0.1)) return pick(random, BROKEN);
  if (random.chance(0.02)) return `FREQ=YEARLY;COUNT=1;BYDAY=${Array(50_000).fill('TH')}`;
  const list = (name: string, one: () => string) => {
    const length = between(random, 1, Math.max(1, longestList / 4));
    return `${name}=${Array.from({ length }, one)
      .join()
      .slice(0, longestList)
      .replace(/,[^,]*$/, '')}`;
  };
  const nth = () => (random.chance(0.5) ? '' : String(between(random, -53, 53)));
  const parts: [probability: number, part: () => string][] = [
    [0.5, () => `INTERVAL=${pick(random, [1, 2, 4, 7, 1_000])}`],
    [0.4, () => list('BYDAY', () => nth() + pick(random, WEEKDAYS))],
    [0.4, () => list('BYMONTHDAY', () => String(between(random, -31, 31)))],
    [0.3, () => list('BYMONTH', () => String(between(random, 1, 12)))],
    [0.4, () => list('BYSETPOS', () => String(between(random, -366, 366)))],
    [0.2, () => `WKST=${pick(random, WEEKDAYS)}`],
  ];
  const freq = pick(random, ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY']);
  const end = pick(random, ['COUNT=1', 'COUNT=104', 'COUNT=105', 'UNTIL=99991231', 'UNTIL=20300401T000000Z']);
  const chosen = parts.filter(([probability]) => random.chance(probability)).map(([, part]) => part());
  return [`FREQ=${freq}`, end, ...chosen].join(';');
}
