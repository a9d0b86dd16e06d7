import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadZoneRules, ZoneRulesUnreadable } from '../../src/zone-rules/load-zone-rules.js';
import { logZoneRules } from '../../src/zone-rules/log-zone-rules.js';

const folder = mkdtempSync(join(tmpdir(), 'zone-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NEWER = '# version 2030a\nZ Some/Where 1 - CET\n';

test('by default those that come with the service', () => {
  expect(loadZoneRules().version).toBe('2026f');
});

test('from a file, or from tzdata.zi in a folder', () => {
  writeFileSync(join(folder, 'tzdata.zi'), NEWER);
  for (const path of [folder, join(folder, 'tzdata.zi')]) {
    const rules = loadZoneRules(path);
    expect([rules.version, rules.names()]).toEqual(['2030a', ['Some/Where']]);
  }
});

test.each([
  ['that is not there', 'nothing', 'ENOENT'],
  ['without rules', 'empty', 'ENOENT'],
  ['of another form', 'wrong.zi', 'line 1 must name the version'],
])('a file %s is refused, and the setting named', (_, name, why) => {
  mkdirSync(join(folder, 'empty'), { recursive: true });
  writeFileSync(join(folder, 'wrong.zi'), 'TZif2');
  const load = () => loadZoneRules(join(folder, name));
  expect(load).toThrow(ZoneRulesUnreadable);
  expect(load).toThrow(`ZONE_RULES=${join(folder, name)} is not a file of zone rules such as tzdata.zi: ${why}`);
});

test.each([
  ['2026f', '2025c', []],
  ['2026f', '2026f', []],
  ['2026f', '2027a', ["the rules of time zones are of 2026f, Node's of 2027a: point ZONE_RULES to a newer tzdata.zi"]],
])('rules of %s beside those of %s of Node', (version, ofNode, warnings) => {
  const told: unknown[] = [];
  const warned: unknown[] = [];
  const log = { info: (...line: unknown[]) => told.push(line), warn: (line: unknown) => warned.push(line) };
  logZoneRules(version, log as never, ofNode);
  expect(told).toEqual([[{ zoneRules: version }, 'the rules of time zones are loaded']]);
  expect(warned).toEqual(warnings);
});
