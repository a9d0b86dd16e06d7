import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Caller, makeCallers } from '../doors/access/callers.js';
import { createTestDatabase } from '../support/database.js';
import { buildService, type ServiceProcess, startServiceProcess } from '../support/service-process.js';

const run = promisify(execFile);

let callers: Awaited<ReturnType<typeof makeCallers>>;

beforeAll(async () => {
  await buildService();
  callers = await makeCallers();
});

afterAll(() => callers?.remove());

const tokenOf = (caller: Caller) => callers.headersOf(caller).authorization.replace('Bearer ', '');

describe.each<[string, () => Record<string, string>, boolean]>([
  ['without authentication', () => ({}), true],
  ['with authentication', () => ({ AUTH_TOKENS_FILE: callers.path }), false],
])('%s', (_, settings, toldOfDocs) => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let service: ServiceProcess;

  beforeEach(async () => {
    database = await createTestDatabase();
    service = await startServiceProcess({ EVENT_STORE_URL: database.url, ...settings() });
  });

  afterEach(async () => {
    await service.end('SIGTERM');
    await database.drop();
  });

  test('the command that the service prints at its start books a session, with the token in TOKEN', async () => {
    const [, command = ''] = /^ {2}(curl .*\\\n.*)$/m.exec(service.output()) ?? [];
    const script = command.replace('curl', 'curl --silent --fail-with-body');
    const { stdout } = await run('bash', ['-c', script], { env: { ...process.env, TOKEN: tokenOf('service') } });
    expect(JSON.parse(stdout)).toMatchObject({ session: { state: 'SESSION_STATE_SCHEDULED' } });
  });

  test('the service names the page with its API only where it serves the page', async () => {
    expect(service.output().includes('/docs)')).toBe(toldOfDocs);
    expect((await fetch(`${service.httpUrl}/docs`)).ok).toBe(toldOfDocs);
  });

  test("the image's health check needs no token", async () => {
    const env = { PATH: process.env['PATH'], PORT: new URL(service.httpUrl).port };
    const check = () => run(process.execPath, ['build/healthcheck.mjs'], { env });
    await expect.poll(() => check().then(() => 'healthy', String)).toBe('healthy');
  });
});
