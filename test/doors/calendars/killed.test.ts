import { afterAll, beforeAll, expect, test } from 'vitest';
import { calendar, event } from '../../calendars/samples.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { buildService, type ServiceProcess, startServiceProcess } from '../../support/service-process.js';

let database: TestDatabase;
beforeAll(async () => {
  await buildService();
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

const start = () => startServiceProcess({ EVENT_STORE_URL: database.url, READ_MODEL_URL: database.url });

/** A calendar that takes so many half hours, each of one minute of the hour on. */
const halfHours = (count: number, minute: string) =>
  calendar(
    ...Array.from({ length: count }, (_, nr) => {
      const day = new Date(Date.UTC(2030, 0, 1 + nr)).toISOString().slice(0, 10).replaceAll('-', '');
      return event(`UID:${nr}`, `DTSTART:${day}T09${minute}00Z`, 'DURATION:PT30M');
    }),
  );

const ONE = { text: halfHours(300, '00'), count: 300, minute: '00' };
const OTHER = { text: halfHours(500, '07'), count: 500, minute: '07' };

async function sync({ httpUrl }: ServiceProcess, { text: body }: typeof ONE): Promise<number> {
  const url = `${httpUrl}/api/v1/coaches/carol/timeOff:sync?source=google`;
  return (await fetch(url, { method: 'POST', headers: { 'content-type': 'text/calendar' }, body })).status;
}

/** How many times off there are, and at which minutes they begin. */
async function found({ httpUrl }: ServiceProcess) {
  const page = await fetch(`${httpUrl}/api/v1/coaches/carol/timeOff?source=google&page_size=1000`);
  const { time_off } = (await page.json()) as { time_off: { start: string }[] };
  const minutes = new Set(time_off.map(({ start }) => start.slice(14, 16)));
  return { count: time_off.length, minutes: [...minutes] };
}

test('of a sync during which the service is killed, all is there or nothing', async () => {
  for (let round = 1; round <= 3; round += 1) {
    const service = await start();
    expect(await sync(service, ONE)).toBe(200);
    // After some whole ones, one is under way, each time at another point.
    for (let whole = 0; whole < round; whole += 1) await sync(service, whole % 2 === 0 ? OTHER : ONE);
    const underWay = sync(service, round % 2 === 0 ? OTHER : ONE).catch(() => 'cut off');
    const ended = service.end('SIGKILL');
    await Promise.all([underWay, ended]);

    const again = await start();
    const { count, minutes } = await found(again);
    const expected = [ONE, OTHER].map((one) => ({ count: one.count, minutes: [one.minute] }));
    expect(expected).toContainEqual({ count, minutes });
    await again.end('SIGTERM');
  }
});
