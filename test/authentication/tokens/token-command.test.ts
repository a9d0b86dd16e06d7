import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readTokens } from '../../../src/authentication/tokens/read-tokens.js';
import { tokenCommand } from '../../../src/authentication/tokens/token-command.js';
import { formatTokens } from '../../../src/authentication/tokens/tokens-file.js';
import { Correctable } from '../../../src/correctable.js';
import { fileWith, NOW, newPath, storedToken } from './samples.js';

async function run(path: string | undefined, ...args: string[]) {
  const [written, notes]: [string[], string[]] = [[], []];
  const output = { write: (line: string) => void written.push(line), note: (line: string) => void notes.push(line) };
  return { code: await tokenCommand(args, path, output, NOW), written, notes };
}

test('a token is good for 90 days when nobody says', async () => {
  const path = await newPath();
  await run(path, 'create', '--subject', 'anna', '--role', 'admin');
  const { tokens } = await readTokens(path);
  expect(tokens).toMatchObject([{ created_at: '2030-03-01T12:00:00Z', expires_at: '2030-05-30T12:00:00Z' }]);
});

test('a role that is named twice counts once', async () => {
  const path = await newPath();
  await run(path, 'create', '--subject', 'anna', '--role', 'admin', '--role', 'admin');
  expect((await readTokens(path)).tokens).toMatchObject([{ roles: ['admin'] }]);
});

test.each([
  ['active', { expires_at: '2030-03-01T12:00:01Z' }],
  ['expired', { expires_at: '2030-03-01T12:00:00Z' }],
  ['revoked', { expires_at: '2030-03-01T12:00:00Z', revoked_at: '2030-03-01T00:00:00Z' }],
])('the list says what a token is worth: %s', async (state, fields) => {
  const path = await fileWith(formatTokens([storedToken(fields)]));
  const { written } = await run(path, 'list');
  expect(written[0]?.split('\n')[1]).toBe(
    `a1  booking-page  service  -      -       2030-03-01T00:00:00Z  ${fields.expires_at}  ${state}`,
  );
  expect(JSON.parse((await run(path, 'list', '--json')).written[0]!)).toMatchObject([{ id: 'a1', state }]);
});

describe('a mistake in the arguments is a sentence, and exit code 2:', () => {
  const anna = ['create', '--subject', 'anna'];

  test.each([
    [[], 'token must be followed by create, list or revoke'],
    [['creat'], 'token must be followed by create, list or revoke; got creat'],
    [['create', '--role', 'admin'], '--subject is required'],
    [anna, '--role must name at least one of service, admin, analyst, coach or client'],
    [[...anna, '--role', 'boss'], '--role must be service, admin, analyst, coach or client; got boss'],
    [[...anna, '--role', 'coach'], '--coach is required by the role coach'],
    [[...anna, '--role', 'client'], '--client is required by the role client'],
    [[...anna, '--role', 'admin', '--coach', 'c'], '--coach needs the role coach'],
    [
      [...anna, '--role', 'client', '--client', 'a b'],
      '--client must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ | = + / -',
    ],
    [[...anna, '--role', 'admin', '--expires', '2y'], /^--expires must be .* ahead, by at most 366 days; got 2y$/],
    [[...anna, '--role', 'admin', '--to', 'x'], /^Unknown option '--to'.* listed by: npx scheduler help$/],
    [['list', 'anna'], /^Unexpected argument 'anna'/],
    [['revoke'], 'token revoke takes the ids of tokens, or --subject and whose tokens they are'],
    [['revoke', 'a1', '--subject', 'anna'], /^token revoke takes the ids of tokens, or --subject/],
  ])('%j', async (args, sentence) => {
    const path = await newPath();
    const { code, written, notes } = await run(path, ...args);
    expect({ code, written }).toEqual({ code: 2, written: [] });
    expect(notes).toEqual([typeof sentence === 'string' ? sentence : expect.stringMatching(sentence)]);
    expect(existsSync(path)).toBe(false);
  });
});

test.each([['list'], ['revoke', 'a1'], ['create', '--subject', 'anna', '--role', 'admin']])(
  'without the setting there is nothing to work on: %s',
  async (...args) => {
    await expect(run(undefined, ...args)).rejects.toThrow(Correctable);
    await expect(run(undefined, ...args)).rejects.toThrow('AUTH_TOKENS_FILE is not set.');
  },
);

test.each([['list'], ['revoke', 'a1']])('without the file there is nothing to work on: %s', async (...args) => {
  const path = await newPath();
  await expect(run(path, ...args)).rejects.toThrow(`AUTH_TOKENS_FILE=${path} `);
});
