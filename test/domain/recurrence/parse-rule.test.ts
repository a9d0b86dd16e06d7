import { expect, test } from 'vitest';
import { parseRule } from '../../../src/domain/recurrence/rule.js';

test.each<[string, object]>([
  ['FREQ=WEEKLY;COUNT=2', { freq: 'WEEKLY', interval: 1, count: 2 }],
  ['FREQ=DAILY;INTERVAL=1000;UNTIL=20261231', { freq: 'DAILY', interval: 1000, until: { date: '2026-12-31' } }],
  [
    'freq=yearly;until=20261231T225959Z;wkst=su',
    { freq: 'YEARLY', interval: 1, until: { instant: Date.parse('2026-12-31T22:59:59Z') }, wkst: 'SU' },
  ],
  [
    'COUNT=104;BYMONTH=1,12;BYDAY=-5MO,+5TU;BYSETPOS=-366,366;FREQ=MONTHLY',
    { freq: 'MONTHLY', interval: 1, count: 104, byMonth: [1, 12], byDay: ['-5MO', '+5TU'], bySetPos: [-366, 366] },
  ],
  ['FREQ=YEARLY;BYDAY=-52MO,52TU;COUNT=1', { freq: 'YEARLY', interval: 1, count: 1, byDay: ['-52MO', '52TU'] }],
  ['FREQ=MONTHLY;BYMONTHDAY=-31,31;COUNT=1', { freq: 'MONTHLY', interval: 1, count: 1, byMonthDay: [-31, 31] }],
])('the rule of %s', (text, rule) => {
  expect(parseRule(text)).toEqual({ rule });
});
