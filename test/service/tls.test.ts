import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { connect } from 'node:http2';
import { request } from 'node:https';
import { json } from 'node:stream/consumers';
import { Client, credentials } from '@grpc/grpc-js';
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { CertificateFiles } from '../../src/doors/tls/certificates.js';
import { ownDirectory, writeFiles } from '../support/certificate-files.js';
import { type Authority, createAuthority, type Pair } from '../support/certificates.js';
import { createTestDatabase } from '../support/database.js';
import { buildService, runService, type ServiceProcess, startServiceProcess } from '../support/service-process.js';

let authority: Authority;
let own: Pair;

beforeAll(async () => {
  authority = await createAuthority();
  own = await authority.issue();
  await buildService();
});

let service: ServiceProcess | undefined;
afterEach(async () => {
  await service?.end('SIGTERM');
  service = undefined;
});

function settingsOf({ cert, key, clientCa }: CertificateFiles): Record<string, string> {
  return { TLS_CERT_FILE: cert, TLS_KEY_FILE: key, ...(clientCa && { TLS_CLIENT_CA_FILE: clientCa }) };
}

async function start(env: Record<string, string>): Promise<ServiceProcess> {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  service = await startServiceProcess({ EVENT_STORE_URL: url, ...env });
  return service;
}

/** Runs the health check of the image beside a service. */
function checkHealth({ httpUrl }: ServiceProcess, env: Record<string, string>): Promise<{ code: number; why: string }> {
  const all = { PATH: process.env['PATH'], PORT: new URL(httpUrl).port, ...env };
  return new Promise((resolve) => {
    execFile(process.execPath, ['build/healthcheck.mjs'], { env: all }, (error, _, why) =>
      resolve({ code: Number(error?.code ?? 0), why: why.trim() }),
    );
  });
}

test('with a certificate, both doors speak TLS, and the service says https', async () => {
  const env = settingsOf(await writeFiles(await ownDirectory(), own));
  const { httpUrl, grpcAddress, output } = await start(env);
  expect(httpUrl).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  expect(output()).toContain(`curl -X POST https://`);
  expect(output()).not.toMatch(/http:\/\//);

  const readiness = async () => {
    const sent = request(`${httpUrl}/readyz`, { ca: authority.ca }).end();
    const [answer] = await once(sent, 'response');
    answer.resume();
    return answer.statusCode;
  };
  await expect.poll(readiness).toBe(200);

  const client = new Client(grpcAddress, credentials.createSsl(Buffer.from(authority.ca)));
  onTestFinished(() => client.close());
  const same = (buffer: Buffer) => buffer;
  const health = () =>
    new Promise((resolve, reject) => {
      const path = '/grpc.health.v1.Health/Check';
      client.makeUnaryRequest(path, same, same, Buffer.of(), (error, bytes) =>
        error ? reject(error) : resolve(bytes),
      );
    });
  // SERVING, which the service looks at once a second.
  await expect.poll(health).toEqual(Buffer.of(0x08, 1));
});

test('an idle session of HTTP/2 does not hold up the end', async () => {
  const env = settingsOf(await writeFiles(await ownDirectory(), own));
  const running = await start({ ...env, SHUTDOWN_GRACE_MS: '60000' });
  const session = connect(running.httpUrl, { ca: authority.ca }).on('error', () => {});
  await json(session.request({ ':path': '/healthz' }));
  const { code, ms } = await running.end('SIGTERM');
  expect(code).toBe(0);
  expect(ms).toBeLessThan(30_000);
});

describe("the image's health check", () => {
  test('works in plain text, and over TLS', async () => {
    const plain = await start({});
    await expect.poll(() => checkHealth(plain, {})).toEqual({ code: 0, why: '' });
    await plain.end('SIGTERM');
    const env = settingsOf(await writeFiles(await ownDirectory(), own));
    const secure = await start(env);
    await expect.poll(() => checkHealth(secure, env)).toEqual({ code: 0, why: '' });
    expect((await checkHealth(secure, {})).code).toBe(1);
  });

  test.each([
    ['that the authority of callers accepts', () => authority, 0],
    ['that it does not accept', () => createAuthority('Others'), 1],
  ])('over mutual TLS shows the certificate of the service, %s', async (_, callers, code) => {
    const env = settingsOf(await writeFiles(await ownDirectory(), own, (await callers()).ca));
    const mutual = await start(env);
    await expect
      .poll(() => checkHealth(mutual, env))
      .toMatchObject({ code, why: expect.not.stringMatching('not ready') });
  });

  test('fails with a line when nothing answers', async () => {
    const ended = await start({});
    await ended.end('SIGTERM');
    expect(await checkHealth(ended, {})).toEqual({ code: 1, why: expect.stringContaining('ECONNREFUSED') });
  });
});

describe('beyond loopback', () => {
  const open = { HOST: '0.0.0.0', ALLOW_UNAUTHENTICATED: 'true' };

  test('the log warns of doors without TLS', async () => {
    const { output } = await start(open);
    expect(output()).toContain('0.0.0.0 is open without TLS: who is on the way can read and change');
  });

  test('and does not with TLS', async () => {
    const { output } = await start({ ...open, ...settingsOf(await writeFiles(await ownDirectory(), own)) });
    expect(output()).not.toContain('without TLS');
  });

  test('nor behind a proxy that has it', async () => {
    const { output } = await start({ ...open, TRUST_PROXY: '10.0.0.0/8' });
    expect(output()).not.toContain('without TLS');
  });
});

test('names of ALLOWED_HOSTS are served, others are not', async () => {
  const { httpUrl } = await start({ ALLOWED_HOSTS: 'scheduler.example.com' });
  const statusFor = async (host: string) => {
    const sent = plainRequest(`${httpUrl}/api/v1/sessions`, { headers: { host } }).end();
    const [answer] = await once(sent, 'response');
    answer.resume();
    return answer.statusCode;
  };
  expect(await statusFor('scheduler.example.com')).toBe(200);
  expect(await statusFor('other.example.com')).toBe(421);
});

test.each<[string, (files: CertificateFiles) => Promise<Record<string, string>>, RegExp]>([
  [
    'a certificate without a key',
    async ({ cert }) => ({ TLS_CERT_FILE: cert }),
    /^TLS_CERT_FILE is set and TLS_KEY_FILE is not: TLS needs a certificate and its key\. Set both, or none\.$/,
  ],
  [
    'an authority of callers without TLS',
    async ({ cert }) => ({ TLS_CLIENT_CA_FILE: cert }),
    /^TLS_CLIENT_CA_FILE asks callers for certificates, which needs TLS\. Set TLS_CERT_FILE and TLS_KEY_FILE too\.$/,
  ],
  [
    'a key of another certificate',
    async (files) => {
      await writeFile(files.key, (await authority.issue()).key);
      return settingsOf(files);
    },
    /^TLS_KEY_FILE=\S+ is not the key of the certificate in TLS_CERT_FILE=\S+\. Name a certificate and its own key\.$/,
  ],
])('%s ends the start with a sentence', async (_, settings, sentence) => {
  const files = await writeFiles(await ownDirectory(), own);
  const { code, errors } = await runService({ ...(await settings(files)) }, 'start');
  expect(errors.trimEnd()).toMatch(sentence);
  expect(code).toBe(1);
});
