import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildService, type ServiceProcess, startServiceProcess } from '../support/service-process.js';
import { startTcpProxy } from '../support/tcp-proxy.js';

beforeAll(buildService);

const LINKS = '/api/v1/coaches/carol/calendarLinks';

let database: TestDatabase;
const running: ServiceProcess[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  for (const service of running.splice(0)) await service.end('SIGKILL');
  await database.drop();
});

async function start(url = database.url): Promise<ServiceProcess> {
  const service = await startServiceProcess({ EVENT_STORE_URL: url, LOG_LEVEL: 'trace' });
  running.push(service);
  return service;
}

interface Created {
  readonly link: { readonly id: string };
  readonly key: string;
  readonly path: string;
}

async function create({ httpUrl }: ServiceProcess): Promise<{ status: number; body: Created }> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(httpUrl + LINKS, { method: 'POST', headers, body: '{}' });
  return { status: answer.status, body: (await answer.json()) as Created };
}

const statusOf = async ({ httpUrl }: ServiceProcess, path: string, method = 'GET') =>
  (await fetch(httpUrl + path, { method })).status;

test('a link opens and is revoked at every process at once; nobody makes too many; no log has a key', async () => {
  const [one, other] = await Promise.all([start(), start()]);
  const { body } = await create(one);
  expect(await statusOf(other, body.path)).toBe(200);
  expect(await statusOf(one, `${LINKS}/${body.link.id}`, 'DELETE')).toBe(200);
  expect([await statusOf(other, body.path), await statusOf(one, body.path)]).toEqual([404, 404]);

  const made = await Promise.all(Array.from({ length: 30 }, (_, nr) => create(nr % 2 ? one : other)));
  const statuses = made.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(20);
  expect(statuses.filter((status) => status === 409)).toHaveLength(10);

  for (const service of running.splice(0)) {
    const { output } = await service.end('SIGTERM');
    expect(output).toContain('GetCalendar');
    expect(output).not.toContain('calendarkey_');
  }
});

test('without its database, a link is neither opened nor refused', async () => {
  const proxy = await startTcpProxy(database.url);
  const service = await start(proxy.url);
  const { path } = (await create(service)).body;
  expect(await statusOf(service, path)).toBe(200);
  await proxy.close();
  expect(await statusOf(service, path)).toBe(503);
  expect(await statusOf(service, LINKS)).toBe(503);
  expect((await create(service)).status).toBe(503);
});
