import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestService, type TestService } from '../support/service.js';
import { buildService } from '../support/service-process.js';

// Runs the commands of docs/booking-page.md in their order, then its program.

const run = promisify(execFile);
const page = await readFile('docs/booking-page.md', 'utf8');
const START = 'http://localhost:3000';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

/** The blocks of the page in a language. */
function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text);
}

/** What a curl command of the page answers. Rejects when the status is no success. */
async function answerTo(command: string): Promise<Record<string, unknown>> {
  const [begin = ''] = blocks('sh');
  const script = `${begin.replace(START, service.httpUrl)}\ncurl() { command curl --fail-with-body -sS "$@"; }\n${command}`;
  const { stdout } = await run('bash', ['-c', script]);
  return JSON.parse(stdout);
}

const EXPECTED: readonly object[] = [
  { availability: { time_zone: 'Europe/Zurich' }, outside_count: 0 },
  { booking_policy: { gap_before: 15, grid: 30, durations: [30, 60] } },
  { time_off: { first_date: '2030-04-01', reason: 'holidays' } },
  { slots: expect.arrayContaining([expect.objectContaining({ local_start: '2030-03-25T04:00:00-04:00' })]) },
  { slots: [{ start: '2030-03-25T00:00:00Z', coach_hash_id: '124' }] },
  { session: { start: '2030-03-25T08:00:00Z' } },
  { hold: { start: '2030-03-25T09:30:00Z', state: 'HOLD_STATE_OPEN' } },
  { bookable: false, obstacles: [{ code: 'OUTSIDE_HOURS' }, { code: 'TIME_OFF' }] },
  { session: { start: '2030-04-01T05:00:00Z' } },
  { breaking_count: expect.any(Number) },
];

test('each command of the page does what the page says', async () => {
  const [, ...commands] = blocks('sh');
  expect(commands).toHaveLength(EXPECTED.length);
  for (const [index, command] of commands.entries()) {
    expect(await answerTo(command), command).toMatchObject(EXPECTED[index] as object);
  }
});

test('the program of the page books the first slot that it is offered', async () => {
  await buildService();
  const [program = ''] = blocks('ts');
  const generated = pathToFileURL(join('dist', 'src', 'gen')).href;
  // Where it finds packages, and no other test copies what is there.
  const folder = await mkdtemp(join('node_modules', '.booking-page-'));
  try {
    const file = join(folder, 'page.mjs');
    await writeFile(file, program.replaceAll("'./gen/", `'${generated}/`).replace(START, service.httpUrl));
    const { stdout } = await run(process.execPath, [file]);
    expect(stdout).toMatch(/booked [0-9a-f-]{36}/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
