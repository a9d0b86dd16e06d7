import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { declares } from './declares.js';

const ROOT = new URL('../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, ROOT), 'utf8');
const PAGE = read('docs/protocol.md');
const MODEL = read('test/protocol/reservations.pml');

const steps = [...PAGE.matchAll(/^\| `(\w+)` \| (.+) \| `([^`]+\.ts)` \| `(\w+)` \|$/gm)].map(
  ([, step, , file, symbol]) => ({ step: step as string, file: file as string, symbol: symbol as string }),
);

/** The labels of the model's process: its steps. `ready` and `end` are between two commands. */
const labels = [...MODEL.matchAll(/^(\w+):/gm)].map(([, label]) => label).filter((label) => label !== 'end');

/** Number, name and broken property of each mutant. */
const mutantsOf = (text: string, row: RegExp) => [...text.matchAll(row)].map(([, ...fields]) => fields);
const inModel = mutantsOf(MODEL, /^#define (\w+) \(MUTANT == (\d+)\) \/\* (\w+) \*\/$/gm);
const inPage = mutantsOf(PAGE, /^\| (\d+) \| `(\w+)` \| `(\w+)` \|/gm);

describe('docs/protocol.md', () => {
  test('has a row for each step of the model', () => {
    expect(labels.length).toBeGreaterThan(8);
    expect(labels.filter((label) => !steps.some(({ step }) => step === label))).toEqual([]);
  });

  test.each(steps)('is right about the step $step: $file has $symbol', ({ step, file, symbol }) => {
    expect(MODEL).toMatch(new RegExp(`^(?:${step}:|inline ${step}\\b|#define ${step}\\b)`, 'm'));
    expect(existsSync(new URL(file, ROOT))).toBe(true);
    expect(declares(read(file), symbol)).toBe(true);
  });

  test('lists the mutants of the model, and what each breaks', () => {
    expect(inModel.length).toBeGreaterThanOrEqual(5);
    expect(inPage).toEqual(inModel.map(([name, number, property]) => [number, name, property]));
  });
});
