import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { watchLoop } from '../../src/doors/interceptors/loop-watch.js';

/** A watch, and what it logs. */
function watch() {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(JSON.parse(line)) });
  const loop = watchLoop(log);
  onTestFinished(loop.stop);
  return { loop, lines };
}

/** Uses so many milliseconds of processor time at once. */
function hold(ms: number): void {
  const before = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(before);
    if (user + system > ms * 1_000) return;
  }
}

test('work that holds the event loop is logged, with the calls that began or ended then', async () => {
  const { loop, lines } = watch();
  loop.note('ScheduleSeries');
  loop.note('GetSession');
  loop.note('ScheduleSeries');
  hold(150);
  await expect.poll(() => lines.length).toBeGreaterThan(0);
  expect(lines[0]).toMatchObject({
    level: 40,
    msg: 'the event loop was held',
    calls: { ScheduleSeries: 2, GetSession: 1 },
  });
  expect(lines[0]?.['ms']).toBeGreaterThan(100);
});

test('calls that ended before are not named', async () => {
  const { loop, lines } = watch();
  loop.note('GetSession');
  // Two looks at the clock.
  await new Promise((resolve) => setTimeout(resolve, 50));
  loop.note('ListSessions');
  hold(150);
  await expect.poll(() => lines.at(-1)?.['calls']).toEqual({ ListSessions: 1 });
});
