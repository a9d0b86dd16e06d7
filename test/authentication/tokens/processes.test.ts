import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { makeToken } from '../../../src/authentication/tokens/make-token.js';
import { readTokens } from '../../../src/authentication/tokens/read-tokens.js';
import { formatTokens } from '../../../src/authentication/tokens/tokens-file.js';
import { digestOf } from '../../../src/secret-form.js';
import { buildService } from '../../support/service-process.js';
import { DAY, fileWith, NOW, newPath, storedToken } from './samples.js';

/** Makes tokens, one after the other, and writes the id of each once it is in the file. */
const MAKER = `
  const { makeToken } = await import(process.cwd() + '/dist/src/authentication/tokens/make-token.js');
  const [path, count, now] = process.argv.slice(1);
  for (let nr = 0; nr < count; nr += 1) {
    const { stored } = await makeToken(path, { subject: 'maker', roles: ['service'] }, Number(now) + 1e9, Number(now));
    process.stdout.write(stored.id + '\\n');
  }`;

interface Maker {
  readonly child: ChildProcess;
  /** The ids that it wrote, each of a token that is in the file. */
  made(): readonly string[];
}

function startMaker(path: string, count: number): Maker {
  const args = ['--input-type=module', '--eval', MAKER, path, String(count), String(NOW)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return { child, made: () => text.split('\n').slice(0, -1) };
}

const ids = async (path: string) => (await readTokens(path)).tokens.map(({ id }) => id);

beforeAll(buildService);

test('two processes that make 50 tokens each at once lose none, and readers have whole files', async () => {
  const path = await newPath();
  const makers = [startMaker(path, 50), startMaker(path, 50)];
  const ended = Promise.all(makers.map(({ child }) => once(child, 'close')));
  await expect.poll(() => existsSync(path), { interval: 1 }).toBe(true);
  // Whoever reads meanwhile has a whole file.
  let found = 0;
  while (makers.some(({ child }) => child.exitCode === null)) {
    const now = (await ids(path)).length;
    expect(now).toBeGreaterThanOrEqual(found);
    found = now;
  }
  await ended;
  const made = makers.flatMap((maker) => maker.made());
  expect(made).toHaveLength(100);
  expect((await ids(path)).sort()).toEqual(made.sort());
  expect(await readdir(dirname(path))).toEqual(['tokens.json']);
});

test('kill -9 in the midst of a change leaves the old file or the new one, and the next change goes on', async () => {
  // Large, so that most of the time goes to writing.
  const many = Array.from({ length: 2_000 }, (_, nr) => storedToken({ id: `t${nr}`, digest: digestOf(`${nr}`) }));
  const path = await fileWith(formatTokens(many));
  const made: string[] = [];
  for (let round = 0; round < 8; round += 1) {
    const maker = startMaker(path, 1_000);
    await expect.poll(() => maker.made().length, { interval: 1 }).toBeGreaterThan(0);
    await expect.poll(() => existsSync(`${path}.new`), { interval: 1 }).toBe(true);
    maker.child.kill('SIGKILL');
    await once(maker.child, 'close');
    made.push(...maker.made());
    // The last one may be in the file without its maker having said so.
    const found = await ids(path);
    expect(found).toEqual(expect.arrayContaining(made));
    expect(found.length).toBeGreaterThanOrEqual(many.length + made.length);
    made.push(...found.slice(many.length).filter((id) => !made.includes(id)));
    const { stored } = await makeToken(path, { subject: 'next', roles: ['service'] }, NOW + DAY, NOW);
    made.push(stored.id);
  }
  expect(await ids(path)).toHaveLength(many.length + made.length);
});
