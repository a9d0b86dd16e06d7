import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { Client, credentials, status } from '@grpc/grpc-js';
import { afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { useDataDirectories } from '../support/data-directory.js';
import { createTestDatabase } from '../support/database.js';
import {
  buildService,
  postmasterOf,
  runService,
  type ServiceProcess,
  startServiceProcess,
} from '../support/service-process.js';

beforeAll(buildService);

const running = new Set<ServiceProcess>();
const dataDirectories = useDataDirectories();
let dataDir: string;

beforeEach(async () => {
  dataDir = await dataDirectories.make();
});

afterEach(async () => {
  for (const service of running) await service.end('SIGTERM');
  running.clear();
  await rm(dataDir, { recursive: true, force: true, maxRetries: 20 });
});

async function start(env: Record<string, string> = { DATA_DIR: dataDir }): Promise<ServiceProcess> {
  const service = await startServiceProcess(env);
  running.add(service);
  return service;
}

const seedRequest = { coach_hash_id: '123', client_hash_id: '456', start: '2022-12-01T14:30:00Z', duration: 60 };

function book({ httpUrl }: ServiceProcess, session: object): Promise<Response> {
  return fetch(`${httpUrl}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ session }),
  });
}

async function idOf(booked: Response): Promise<string> {
  expect(booked.status).toBe(201);
  return ((await booked.json()) as { session: { id: string } }).session.id;
}

async function statusOf({ httpUrl }: ServiceProcess, id: string): Promise<number> {
  return (await fetch(`${httpUrl}/api/v1/sessions/${id}`)).status;
}

test("the seed's request books, and is refused when sent again", async () => {
  const service = await start();
  const booked = await book(service, seedRequest);
  expect(booked.status).toBe(201);
  const { session } = (await booked.json()) as { session: { id: string } };
  expect(session).toEqual({
    ...seedRequest,
    id: expect.any(String),
    state: 'SESSION_STATE_SCHEDULED',
    created_at: expect.any(String),
    updated_at: expect.any(String),
    etag: '0',
    series_id: '',
    occurrence: 0,
    cancelled_by: 'PARTY_UNSPECIFIED',
    absent: 'PARTY_UNSPECIFIED',
    reason: '',
  });
  expect(booked.headers.get('location')).toBe(`/api/v1/sessions/${session.id}`);

  const again = await book(service, seedRequest);
  expect(again.status).toBe(409);
  expect(again.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(await again.json()).toMatchObject({
    interval: { start: '2022-12-01T14:30:00Z', end: '2022-12-01T15:30:00Z' },
  });
});

describe('an orderly end', () => {
  test('SIGTERM: for the drain time it books as before, says that it is not ready, and ends connections', async () => {
    const service = await start({ DATA_DIR: dataDir, SHUTDOWN_DRAIN_MS: '3000' });
    const ended = service.end('SIGTERM');
    const readiness = async () => (await fetch(`${service.httpUrl}/readyz`)).json();
    await expect.poll(readiness).toMatchObject({ status: 'not ready', problems: ['the service is stopping'] });
    const booked = await book(service, seedRequest);
    expect([booked.status, booked.headers.get('connection')]).toEqual([201, 'close']);
    expect((await ended).code).toBe(0);
  });

  test('SIGTERM: streams of gRPC health and reflection end with a status, and keep nobody waiting', async () => {
    const graceMs = 60_000;
    const service = await start({ DATA_DIR: dataDir, SHUTDOWN_GRACE_MS: String(graceMs) });
    const client = new Client(service.grpcAddress, credentials.createInsecure());
    onTestFinished(() => client.close());
    const same = (bytes: Buffer) => bytes;
    const watch = client.makeServerStreamRequest('/grpc.health.v1.Health/Watch', same, same, Buffer.alloc(0));
    const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
    const reflection = client.makeBidiStreamRequest(path, same, same);
    reflection.write(Buffer.alloc(0));
    const streams = [watch, reflection];
    await Promise.all(streams.map((stream) => once(stream, 'data')));

    const ends = streams.map((stream) => once(stream.resume(), 'end').catch((error: unknown) => error));
    const { code, ms } = await service.end('SIGTERM');
    const stopping = { code: status.UNAVAILABLE, details: 'the service is stopping' };
    expect(await Promise.all(ends)).toMatchObject([stopping, stopping]);
    expect(code).toBe(0);
    expect(ms).toBeLessThan(graceMs);
  });

  test.each<NodeJS.Signals>(['SIGINT', 'SIGTERM'])(
    '%s: soon, with 0, and everything is there at the next start',
    async (signal) => {
      const first = await start();
      const id = await idOf(await book(first, seedRequest));
      const { code, ms } = await first.end(signal);
      expect(code).toBe(0);
      // Less on an idle machine: one that is busy takes longer to shut PostgreSQL down.
      expect(ms).toBeLessThan(20_000);

      const second = await start();
      expect(await statusOf(second, id)).toBe(200);
      expect(second.output()).not.toMatch(/took over|started it again/i);
    },
  );
});

describe('kill -9', () => {
  test('of the service: the next start takes its Postgres over, says so, and everything is there', async () => {
    const first = await start();
    const id = await idOf(await book(first, seedRequest));
    await first.end('SIGKILL');

    const second = await start();
    expect(second.output()).toMatch(/Took over the Postgres/);
    expect(await statusOf(second, id)).toBe(200);
    expect((await book(second, seedRequest)).status).toBe(409);
  });

  test('of the service and its Postgres: the next start says so, and everything is there', async () => {
    const first = await start();
    const id = await idOf(await book(first, seedRequest));
    const postmaster = await postmasterOf(dataDir);
    await first.end('SIGKILL');
    process.kill(postmaster, 'SIGKILL');

    const second = await start();
    expect(second.output()).toMatch(/had not been shut down/);
    expect(await statusOf(second, id)).toBe(200);
  });

  test('of Postgres alone: 503 until it is back, then the service goes on, and no acknowledged booking is lost', async () => {
    const service = await start();
    const acknowledged: string[] = [];
    const statuses = new Set<number>();
    let nr = 0;
    const bookNext = async () => {
      nr += 1;
      const answer = await book(service, {
        ...seedRequest,
        coach_hash_id: `coach-${nr}`,
        client_hash_id: `client-${nr}`,
      });
      statuses.add(answer.status);
      if (answer.status === 201) acknowledged.push(await idOf(answer));
      return answer.status;
    };
    await bookNext();
    process.kill(await postmasterOf(dataDir), 'SIGKILL');
    for (let burst = 0; burst < 10; burst += 1) await Promise.all([bookNext(), bookNext(), bookNext()]);
    await expect.poll(bookNext).toBe(201);

    expect([...statuses].filter((status) => status !== 201 && status !== 503)).toEqual([]);
    for (const id of acknowledged) await expect.poll(() => statusOf(service, id)).toBe(200);
    await expect.poll(async () => (await fetch(`${service.httpUrl}/readyz`)).status).toBe(200);
  });
});

describe('a start that fails', () => {
  let taken: Server;
  beforeEach(async () => {
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => taken.close());

  test.each(['PORT', 'GRPC_PORT'])('a port in use: a sentence that names %s', async (variable) => {
    const { port } = taken.address() as { port: number };
    const { code, errors } = await runService({ DATA_DIR: dataDir, [variable]: String(port) }, 'start');
    expect(code).toBe(1);
    expect(errors).toBe(`Port ${port} is in use. Stop what listens there, or set ${variable} to another port.\n`);
  });

  test('a data directory that a running service owns: a sentence, and the other is left alone', async () => {
    const first = await start();
    const { code, output } = await runService({ DATA_DIR: dataDir }, 'start');
    expect(code).toBe(1);
    expect(output).toContain(`The data directory ${dataDir} is in use by a running service`);
    expect((await book(first, seedRequest)).status).toBe(201);
  });

  test('mistakes in the settings: a line for each', async () => {
    const { code, output } = await runService({ PORT: 'x', LOG_LEVEL: 'loud' }, 'start');
    expect(code).toBe(1);
    expect(output.trim().split('\n')).toEqual([
      'PORT must be a whole number; got x',
      'LOG_LEVEL must be trace, debug, info, warn, error or silent; got loud',
    ]);
  });
});

describe('the rebuild command', () => {
  test('makes the projection anew while the service runs', async () => {
    const service = await start();
    const id = await idOf(await book(service, seedRequest));
    const { code, output } = await runService({ DATA_DIR: dataDir }, 'rebuild', 'sessions');
    expect(output).toContain('the rebuilt tables are in place');
    expect(code).toBe(0);
    expect(await statusOf(service, id)).toBe(200);
    expect((await book(service, { ...seedRequest, coach_hash_id: 'another', client_hash_id: 'another' })).status).toBe(
      201,
    );
  });

  test('says which projections there are', async () => {
    const { code, output } = await runService({ DATA_DIR: dataDir }, 'rebuild', 'session');
    expect(code).toBe(1);
    expect(output.trim()).toBe('There is no projection "session", only: sessions.');
  });
});

test('two services on one database sell every slot once when clients race', async () => {
  const { url, drop } = await createTestDatabase();
  const env = { EVENT_STORE_URL: url, REQUEST_TIMEOUT_MS: '100000' };
  const services = [await start(env), await start(env)];
  const coach_hash_id = randomUUID();
  const rivals = Array.from({ length: 400 }, (_, rival) =>
    book(services[rival % 2] as ServiceProcess, {
      ...seedRequest,
      coach_hash_id,
      client_hash_id: `client-${rival}`,
      start: new Date(Date.UTC(2030, 0, 1, rival % 40)).toISOString(),
    }),
  );
  const statuses = (await Promise.all(rivals)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(40);
  expect(statuses.filter((status) => status === 409)).toHaveLength(360);

  const listed = await fetch(`${services[0]?.httpUrl}/api/v1/sessions?coach_hash_id=${coach_hash_id}`);
  expect(((await listed.json()) as { sessions: object[] }).sessions).toHaveLength(40);
  for (const service of services) await service.end('SIGTERM');
  running.clear();
  await drop();
});

test('bookings made by one service are seen at once by another', async () => {
  const { url, drop } = await createTestDatabase();
  const [here, there] = [await start({ EVENT_STORE_URL: url }), await start({ EVENT_STORE_URL: url })];
  for (let nr = 0; nr < 10; nr += 1) {
    const id = await idOf(
      await book(here, { ...seedRequest, coach_hash_id: randomUUID(), client_hash_id: randomUUID() }),
    );
    expect(await statusOf(there, id)).toBe(200);
  }
  for (const service of [here, there]) await service.end('SIGTERM');
  running.clear();
  await drop();
});
