import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../src/config/config.js';
import { Correctable } from '../../src/correctable.js';
import { type Database, orRefusal } from '../../src/database-refusals.js';
import { findBinaries } from '../../src/embedded-postgres/binaries.js';
import { type Cluster, clusterUrl, openCluster } from '../../src/embedded-postgres/cluster.js';
import { freePort } from '../../src/embedded-postgres/port.js';
import { startPostmaster } from '../../src/embedded-postgres/start-and-stop.js';
import { startService } from '../../src/main.js';
import { createPool, isConnectionError } from '../../src/postgres/pool.js';
import { type Authority, createAuthority } from '../support/certificates.js';

let directory: string;
let authority: Authority;
let cluster: Cluster;
let port: number;
let pid: number;

/** A PostgreSQL of its own, which speaks TLS with a certificate for localhost. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'scheduler-postgres-tls-'));
  authority = await createAuthority();
  const { cert, key } = await authority.issue({ names: [{ type: 'dns', value: 'localhost' }] });
  cluster = await openCluster(await findBinaries(), join(directory, 'postgres'));
  await writeFile(join(cluster.data, 'server.crt'), cert, { mode: 0o600 });
  await writeFile(join(cluster.data, 'server.key'), key, { mode: 0o600 });
  const { user } = cluster.runAs;
  if (user) await promisify(execFile)('chown', ['-R', `${user.uid}:${user.gid}`, cluster.data]);
  const postmaster = await startPostmaster(cluster, await freePort(), new AbortController().signal, ['ssl=on']);
  if (postmaster === 'in use') throw new Error(`someone uses the new directory ${directory}`);
  ({ port, pid } = postmaster);
});

afterAll(async () => {
  process.kill(pid, 'SIGQUIT');
  // The server may be writing its last.
  await rm(directory, { recursive: true, maxRetries: 50, retryDelay: 100 });
});

/** The URL of the database, with these settings of TLS. */
async function urlWith(settings: { ca?: Authority; sslmode?: string; host?: string }): Promise<string> {
  const url = new URL(clusterUrl(cluster, port, 'postgres'));
  url.hostname = settings.host ?? 'localhost';
  url.searchParams.set('sslmode', settings.sslmode ?? 'verify-full');
  if (settings.ca) {
    const file = join(await mkdtemp(join(directory, 'ca-')), 'root.crt');
    await writeFile(file, settings.ca.ca);
    url.searchParams.set('sslrootcert', file);
  }
  return url.href;
}

function openPool(url: string) {
  const pool = createPool(url, { max: 1, applicationName: 'test', log: pino({ level: 'silent' }) });
  onTestFinished(() => pool.end());
  return pool;
}

test('with its authority, the service reads and writes over TLS', async () => {
  const url = await urlWith({ ca: authority });
  const config = readConfig({ PORT: '0', GRPC_PORT: '0', SHUTDOWN_DRAIN_MS: '0', EVENT_STORE_URL: url });
  const service = await startService(config, pino({ level: 'silent' }), new AbortController().signal);
  onTestFinished(service.stop);
  const booked = await fetch(`${service.httpUrl}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"session":{"coach_hash_id":"123","client_hash_id":"456","start":"2022-12-01T14:30:00Z","duration":60}}',
  });
  expect(booked.status).toBe(201);
  const pool = openPool(url);
  const connections = async () => {
    const { rows } = await pool.query(
      `select distinct ssl.ssl, ssl.version from pg_stat_ssl ssl join pg_stat_activity using (pid)
        where backend_type = 'client backend'`,
    );
    return rows;
  };
  // One that has not begun to speak TLS, or that the test itself ended, may still be there.
  await expect.poll(connections).toEqual([{ ssl: true, version: 'TLSv1.3' }]);
});

describe('what is not trusted is refused with a sentence', () => {
  test.each<[string, () => Promise<Parameters<typeof urlWith>[0]>, RegExp]>([
    ['another authority', async () => ({ ca: await createAuthority('Another') }), /certificate/],
    ['no authority named', async () => ({}), /certificate/],
    ['another name of the server', async () => ({ ca: authority, host: '127.0.0.1' }), /127\.0\.0\.1/],
  ])('%s', async (_, settings, why) => {
    const url = await urlWith(await settings());
    const database: Database = { url, setting: 'EVENT_STORE_URL' };
    const refused: unknown = await orRefusal(database, () => openPool(url).query('select 1')).catch((error) => error);
    expect(refused).toBeInstanceOf(Correctable);
    const { message } = refused as Correctable;
    expect(message).toMatch(/^EVENT_STORE_URL: PostgreSQL at \S+ shows a certificate that is not trusted: /);
    expect(message).toMatch(why);
    expect(message).toMatch(/Name the authority that signed it in sslrootcert of the URL, and the server as its/);
    expect(message).not.toContain(cluster.password);
  });
});

test('a certificate that is no longer trusted while the service runs is an outage, no defect', async () => {
  const url = await urlWith({ ca: await createAuthority('Another') });
  const error = await openPool(url)
    .query('select 1')
    .catch((thrown: unknown) => thrown);
  expect(isConnectionError(error)).toBe(true);
});
