import { expect, test } from 'vitest';
import type { FeedState } from '../../src/feeds/feed-states.js';
import { jsonOf, tableOf } from '../../src/feeds-command/report.js';

const NOW = Date.parse('2030-01-01T12:00:00Z');

const running: FeedState = {
  feed: 'kafka',
  state: 'running',
  position: 6_120n,
  lag: { positions: 0n, ms: 0 },
  lastError: undefined,
  failingSince: undefined,
  movedAt: new Date(NOW - 1_000),
};

const failing: FeedState = {
  ...running,
  feed: 'redis',
  state: 'failing',
  lag: { positions: 136n, ms: 90_000 },
  lastError: 'Redis is full',
  failingSince: new Date(NOW - 7_200_000),
};

const never: FeedState = { ...running, feed: 'x', state: 'new', position: undefined, movedAt: undefined };

test('people get a table', () => {
  expect(tableOf([running, failing, never], NOW).split('\n')).toEqual([
    'FEED   STATE    POSITION  BEHIND       LAST MOVED                LAST ERROR',
    'kafka  running  6120      0            2030-01-01T11:59:59.000Z  -',
    'redis  failing  6120      136 (2 min)  2030-01-01T11:59:59.000Z  Redis is full (for 2 h)',
    'x      new      -         0            -                         -',
  ]);
});

test('the table says how long coaches wait who are held up, whom the cursor has passed', () => {
  const heldUp = { ...running, lag: { positions: 0n, ms: 90_000 } };
  expect(tableOf([heldUp], NOW)).toMatch(/ 0 \(2 min\) /);
});

test('scripts get JSON', () => {
  expect(JSON.parse(jsonOf([failing]))).toEqual([
    {
      feed: 'redis',
      state: 'failing',
      position: '6120',
      lag_positions: '136',
      lag_seconds: 90,
      last_moved_at: '2030-01-01T11:59:59.000Z',
      last_error: 'Redis is full',
      failing_since: '2030-01-01T10:00:00.000Z',
    },
  ]);
});
