import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openTestEventStore } from '../support/event-store-postgres.js';
import { buildService, runService, startServiceProcess } from '../support/service-process.js';
import { NEWER, OLDER } from '../support/zone-releases.js';

beforeAll(buildService);

const folder = mkdtempSync(join(tmpdir(), 'zone-changes-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of zone rules. */
function fileOf(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

test('a series that was booked under older rules is listed, then moved, while the service runs', async () => {
  const { url, close } = await openTestEventStore();
  onTestFinished(close);
  const [older, newer] = [fileOf('older.zi', OLDER), fileOf('newer.zi', NEWER)];
  const service = await startServiceProcess({ EVENT_STORE_URL: url, ZONE_RULES: older });
  const readiness = async () => (await fetch(`${service.httpUrl}/readyz`)).json();
  await expect.poll(readiness).toEqual({ status: 'ready', zone_rules: '2030a' });

  const series = {
    coach_hash_id: 'ann',
    client_hash_id: 'bob',
    local_start: '2090-12-04T09:00',
    time_zone: 'Some/Where',
    duration: 60,
    recurrence: 'FREQ=WEEKLY;COUNT=2',
  };
  const answer = await fetch(`${service.httpUrl}/api/v1/sessions:scheduleSeries`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ series }),
  });
  const booked = (await answer.json()) as { series: { id: string; zone_rules_version: string } };
  expect(booked.series.zone_rules_version).toBe('2030a');
  const starts = async () => {
    const listed = await fetch(`${service.httpUrl}/api/v1/sessions?coach_hash_id=ann`);
    const { sessions } = (await listed.json()) as { sessions: { start: string }[] };
    return sessions.map(({ start }) => start);
  };
  expect(await starts()).toEqual(['2090-12-04T09:00:00Z', '2090-12-11T09:00:00Z']);

  const command = (...options: string[]) =>
    runService({ EVENT_STORE_URL: url, ZONE_RULES: newer, LOG_LEVEL: 'error' }, 'zone-changes', ...options);
  const lines = [
    `coach ann, client bob, series ${booked.series.id}:`,
    '  1: 2090-12-04T09:00:00 Some/Where, 2090-12-04T09:00:00Z -> 2090-12-04T08:00:00Z',
    '  2: 2090-12-11T09:00:00 Some/Where, 2090-12-11T09:00:00Z -> 2090-12-11T08:00:00Z',
  ];
  expect(await command()).toMatchObject({
    code: 0,
    output: [
      ...lines,
      'By the rules of 2030b, 2 would move, 0 would stay. Nothing was changed.',
      'Run the command again with --apply to move them.',
      '',
    ].join('\n'),
  });
  expect(await command('--apply')).toMatchObject({
    code: 0,
    output: [...lines, 'By the rules of 2030b, 2 moved.', ''].join('\n'),
  });
  expect(await starts()).toEqual(['2090-12-04T08:00:00Z', '2090-12-11T08:00:00Z']);
  expect(await command('--apply')).toMatchObject({
    code: 0,
    output: 'By the rules of 2030b every session to come stays.\n',
  });
  expect((await service.end('SIGTERM')).code).toBe(0);
});

test.each([
  ['an unknown option', {}, ['--force'], "Unknown option '--force'"],
  ['rules that cannot be read', { ZONE_RULES: '/nowhere' }, [], 'ZONE_RULES=/nowhere is not a file of zone rules'],
])('%s is told in a sentence', async (_, env, options, sentence) => {
  const { code, output } = await runService(env, 'zone-changes', ...options);
  expect(output).toContain(sentence);
  expect(output).not.toContain('    at ');
  expect(code).toBe(1);
});
