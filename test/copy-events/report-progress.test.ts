import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { reportProgress } from '../../src/copy-events/report-progress.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function report(interval: number) {
  const lines: string[] = [];
  return { lines, ...reportProgress((line) => lines.push(line), interval) };
}

test('a line at every interval, with the speed since the last one', () => {
  const { lines, note, stop } = report(10_000);
  vi.advanceTimersByTime(10_000);
  note({ step: 'copying', events: 5_000, part: 0.099 });
  vi.advanceTimersByTime(10_000);
  note({ step: 'copying', events: 6_000, part: 0.12 });
  vi.advanceTimersByTime(10_000);
  stop();
  vi.advanceTimersByTime(10_000);
  expect(lines).toEqual(['copying: 5000 events, 500 events/s, 9 %', 'copying: 6000 events, 100 events/s, 12 %']);
});

test('the speed of a step is that of its own events', () => {
  const { lines, note, stop } = report(1_000);
  note({ step: 'comparing what is there', events: 900, part: 0.9 });
  note({ step: 'copying', events: 1_000, part: 1 });
  vi.advanceTimersByTime(1_000);
  note({ step: 'verifying', events: 400, part: 0.4 });
  vi.advanceTimersByTime(1_000);
  stop();
  expect(lines).toEqual(['copying: 1000 events, 100 events/s, 100 %', 'verifying: 400 events, 400 events/s, 40 %']);
});
