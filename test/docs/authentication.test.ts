import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { ownDirectory } from '../support/certificate-files.js';
import { createTestDatabase } from '../support/database.js';
import { aProviderKey, startIdentityProvider } from '../support/identity-provider.js';
import { buildService } from '../support/service-process.js';

// Runs the commands of docs/authentication.md that set the service up, and looks for the output that the page shows.

const PAGE = readFileSync('docs/authentication.md', 'utf8');
const ISSUER = 'https://issuer.example.com';

/** A block of commands, and the lines of the output that the page shows after it. */
interface Step {
  readonly commands: string;
  readonly shown: readonly string[];
}

/** The steps of a section. Output is in the block without a language that follows the commands. */
function stepsOf(section: string): Step[] {
  const [, body = ''] = new RegExp(`^## ${section}$(.*?)^## `, 'ms').exec(PAGE) ?? [];
  const blocks = [...body.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, content = '']) => ({
    language,
    content,
  }));
  return blocks.flatMap(({ language, content: commands }, index) => {
    if (language !== 'sh') return [];
    const next = blocks[index + 1];
    return [{ commands, shown: next?.language === '' ? next.content.split('\n').filter(Boolean) : [] }];
  });
}

/** What stands for the commands of the page: the service in the background, at a free port. */
const PRELUDE = `
set -eo pipefail
exec 2>&1
trap 'kill $(jobs -p); wait' EXIT
scheduler() { command node ${resolve('dist/src/cli.js')} "$@"; }
npx() { shift; scheduler "$@"; }
npm() {
  # The process itself, so that the trap ends it: a function would be in a shell of its own.
  node ${resolve('dist/src/cli.js')} start >service.log 2>&1 &
  until grep -q Ctrl-C service.log; do kill -0 $! && command sleep 0.1; done
  url=$(sed -n 's/^ *REST, Connect, gRPC-Web *\\(http[^ ]*\\).*/\\1/p' service.log)
}
curl() { command curl --silent "\${@//http:\\/\\/localhost:3000/$url}" && echo; }
taken=0
sleep() {
  taken=$((taken + 1))
  until [ "$(grep -c 'file has changed, and is taken' service.log)" -ge $taken ]; do command sleep 0.1; done
}
`;

/** Runs the steps one after the other in one shell, and answers what each has written. */
async function run(steps: readonly Step[], issuer: string): Promise<string[]> {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  const script = steps.map(({ commands }) => `${commands.replaceAll(ISSUER, issuer)}echo '=== done'\n`).join('');
  const child = spawn('bash', ['-c', PRELUDE + script], {
    cwd: await ownDirectory(),
    env: {
      ...{ PATH: process.env['PATH'], LOG_FORMAT: 'json', SHUTDOWN_DRAIN_MS: '0' },
      ...{ PORT: '0', GRPC_PORT: '0', EVENT_STORE_URL: url },
    },
  });
  return (await text(child.stdout)).replaceAll(issuer, ISSUER).split('=== done\n');
}

/** A text without what differs from run to run: ids, times, signed numbers. */
function comparable(written: string): string {
  return written
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{8}\b/g, 'ID')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
    .replaceAll(/"(jti|iat|exp)":("[^"]*"|\d+)/g, '"$1":…');
}

beforeAll(() => buildService());

test.each([
  ['Simple tokens', 4],
  ['With an identity provider', 4],
])('the commands of "%s" write what the page shows', async (section, count) => {
  const steps = stepsOf(section);
  expect(steps).toHaveLength(count);
  const { issuer } = await startIdentityProvider({ roles: ['service'] }, await aProviderKey('first'));
  const written = await run(steps, issuer);
  for (const [index, { commands, shown }] of steps.entries()) {
    for (const line of shown) expect(comparable(written[index] ?? ''), commands).toContain(comparable(line));
  }
});

test('the page shows what the commands write that set the service up', () => {
  const shown = [...stepsOf('Simple tokens'), ...stepsOf('With an identity provider')].map((step) => step.shown.length);
  expect(shown).toEqual([2, 2, 2, 6, 3, 0, 1, 1]);
});
