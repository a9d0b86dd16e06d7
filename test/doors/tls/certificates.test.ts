import { generateKeyPairSync } from 'node:crypto';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pino from 'pino';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Correctable } from '../../../src/correctable.js';
import type { CertificateFiles } from '../../../src/doors/tls/certificates.js';
import { type LiveCertificates, openCertificates } from '../../../src/doors/tls/live-certificates.js';
import { ownDirectory, writeFiles } from '../../support/certificate-files.js';
import { type Authority, createAuthority, type Pair } from '../../support/certificates.js';

const DAY = 86_400_000;
const INTERVAL = 10;
let authority: Authority;
let first: Pair;
let second: Pair;

beforeAll(async () => {
  authority = await createAuthority();
  [first, second] = [await authority.issue(), await authority.issue()];
});

/** The sentence with which a start ends. */
async function refusal(files: CertificateFiles): Promise<string> {
  const opened = openCertificates(files, pino({ level: 'silent' }));
  return opened.then(
    ({ stop }) => {
      stop();
      return 'none';
    },
    (error) => {
      if (error instanceof Correctable) return error.message;
      throw error;
    },
  );
}

describe('what cannot be used ends the start with a sentence', () => {
  const encrypted = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' },
  }).privateKey;

  test.each<[string, (directory: string, files: CertificateFiles) => unknown, RegExp]>([
    ['no certificate', (_, { cert }) => rm(cert), /^TLS_CERT_FILE=\S+ cannot be read \(ENOENT\)\. Name a PEM file/],
    ['no key', (_, { key }) => rm(key), /^TLS_KEY_FILE=\S+ cannot be read \(ENOENT\)/],
    ['no authority', (_, { clientCa }) => rm(clientCa!), /^TLS_CLIENT_CA_FILE=\S+ cannot be read \(ENOENT\)/],
    [
      'a directory',
      async (directory, { key }) => {
        await rm(key);
        await symlink(directory, key);
      },
      /^TLS_KEY_FILE=\S+ cannot be read \(EISDIR\)/,
    ],
    ['an empty file', (_, { cert }) => writeFile(cert, ''), /^TLS_CERT_FILE=\S+ has no certificate\. /],
    ['a key in place of a certificate', (_, { cert }) => writeFile(cert, first.key), /^TLS_CERT_FILE=\S+ has no certi/],
    [
      'half a certificate',
      (_, { cert }) => writeFile(cert, first.cert.slice(0, 300)),
      /^TLS_CERT_FILE=\S+ has no certificate\. /,
    ],
    [
      'half a certificate behind a whole one',
      (_, { cert }) => writeFile(cert, first.cert + authority.ca.slice(0, 300)),
      /^TLS_CERT_FILE=\S+ has a certificate that is broken or cut off/,
    ],
    [
      'a certificate that is none',
      (_, { cert }) => writeFile(cert, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'),
      /^TLS_CERT_FILE=\S+ has a certificate that is broken/,
    ],
    [
      'a certificate in place of a key',
      (_, { key }) => writeFile(key, first.cert),
      /^TLS_KEY_FILE=\S+ has no private k/,
    ],
    [
      'a key with a passphrase',
      (_, { key }) => writeFile(key, encrypted),
      /^TLS_KEY_FILE=\S+ has a key that needs a pas/,
    ],
    [
      'the key of another certificate',
      (_, { key }) => writeFile(key, second.key),
      /^TLS_KEY_FILE=\S+ is not the key of the certificate in TLS_CERT_FILE=\S+\. /,
    ],
    [
      'an expired certificate',
      async (directory) =>
        writeFiles(directory, await authority.issue({ from: Date.now() - 2 * DAY, to: Date.now() - DAY })),
      /^TLS_CERT_FILE=\S+ has a certificate that expired at 20\S+Z\. Renew it\.$/,
    ],
    [
      'a certificate of the future',
      async (directory) => writeFiles(directory, await authority.issue({ from: Date.now() + DAY / 2 })),
      /^TLS_CERT_FILE=\S+ has a certificate that is not valid before 20\S+Z\. /,
    ],
    [
      'a certificate of a server in place of an authority',
      (_, { clientCa }) => writeFile(clientCa!, first.cert),
      /^TLS_CLIENT_CA_FILE=\S+ has no certificate of an authority\. /,
    ],
    [
      'a text in place of an authority',
      (_, { clientCa }) => writeFile(clientCa!, 'none'),
      /^TLS_CLIENT_CA_FILE=\S+ has no certificate\. /,
    ],
  ])('%s', async (_, spoil, sentence) => {
    const directory = await ownDirectory();
    const files = await writeFiles(directory, first, authority.ca);
    await spoil(directory, files);
    const message = await refusal(files);
    expect(message).toMatch(sentence);
    expect(message.split('\n')).toHaveLength(1);
  });

  test('but no certificate that fits, with those between it and the root behind it', async () => {
    const pair = { ...first, cert: first.cert + authority.ca };
    expect(await refusal(await writeFiles(await ownDirectory(), pair, authority.ca))).toBe('none');
  });
});

describe('files that change', () => {
  let logged: { level: number; msg: string }[];

  async function open(files: CertificateFiles): Promise<LiveCertificates & { taken: (string | undefined)[] }> {
    logged = [];
    const log = pino({ base: null }, { write: (line) => void logged.push(JSON.parse(line)) });
    const certificates = await openCertificates(files, log, INTERVAL);
    onTestFinished(certificates.stop);
    const taken: (string | undefined)[] = [];
    certificates.onChange(({ cert }) => taken.push(cert?.toString()));
    return { ...certificates, taken };
  }
  const warnings = () => logged.filter(({ level }) => level === 40).map(({ msg }) => msg);

  test('are taken, with a line in the log', async () => {
    const directory = await ownDirectory();
    const { taken, context } = await open(await writeFiles(directory, first));
    await writeFiles(directory, second);
    await expect.poll(() => taken).toEqual([second.cert]);
    expect(context()).toMatchObject({ key: Buffer.from(second.key), minVersion: 'TLSv1.2' });
    expect(logged).toMatchObject([{ level: 30, msg: 'new connections get the new certificate' }]);
  });

  test('are taken when a symlink above them is swapped, as Kubernetes does', async () => {
    const [before, after, mounted] = [await ownDirectory(), await ownDirectory(), await ownDirectory()];
    await writeFiles(before, first);
    await writeFiles(after, second);
    const data = join(mounted, '..data');
    await symlink(before, data);
    const files = { cert: join(mounted, 'tls.crt'), key: join(mounted, 'tls.key'), clientCa: undefined };
    await symlink(join(data, 'tls.crt'), files.cert);
    await symlink(join(data, 'tls.key'), files.key);
    const { taken } = await open(files);
    await rm(data);
    await symlink(after, data);
    await expect.poll(() => taken).toEqual([second.cert]);
  });

  test('are taken when the authority of callers alone changes', async () => {
    const directory = await ownDirectory();
    const certificates = await open(await writeFiles(directory, first, authority.ca));
    const other = await createAuthority('Another');
    await writeFiles(directory, first, other.ca);
    await expect.poll(() => certificates.context().ca?.toString()).toBe(other.ca);
  });

  test('wait for each other: the old ones stay, the log says why once, and then the new ones are taken', async () => {
    const directory = await ownDirectory();
    const files = await writeFiles(directory, first);
    const { taken, context } = await open(files);
    await writeFile(files.cert, second.cert);
    await expect
      .poll(warnings)
      .toEqual([
        `the new certificate is not taken, and the old one stays: TLS_KEY_FILE=${files.key} is not the key of the ` +
          `certificate in TLS_CERT_FILE=${files.cert}. Name a certificate and its own key.`,
      ]);
    // A second problem, after which the first one would have been told again if it were.
    await rm(files.key);
    await expect.poll(() => warnings().length).toBe(2);
    expect(taken).toEqual([]);
    expect(context().cert?.toString()).toBe(first.cert);
    await writeFile(files.key, second.key);
    await expect.poll(() => taken).toEqual([second.cert]);
    expect(warnings()).toHaveLength(2);
  });

  test('that are half written are not taken', async () => {
    const directory = await ownDirectory();
    const files = await writeFiles(directory, first);
    const { taken } = await open(files);
    await writeFile(files.cert, second.cert.slice(0, 300));
    await writeFile(files.key, second.key.slice(0, 50));
    await expect.poll(warnings).toEqual([expect.stringContaining('has no certificate')]);
    expect(taken).toEqual([]);
  });

  test('to an expired certificate are not taken', async () => {
    const directory = await ownDirectory();
    const { taken } = await open(await writeFiles(directory, first));
    await writeFiles(directory, await authority.issue({ from: Date.now() - 2 * DAY, to: Date.now() - DAY }));
    await expect.poll(warnings).toEqual([expect.stringContaining('expired at')]);
    expect(taken).toEqual([]);
  });

  test('too late are a warning, once for each certificate', async () => {
    const directory = await ownDirectory();
    const old = await authority.issue({ from: Date.now() - 81 * DAY, to: Date.now() + 19 * DAY });
    const { taken } = await open(await writeFiles(directory, old));
    await writeFiles(directory, second);
    await expect.poll(() => taken).toEqual([second.cert]);
    expect(warnings()).toEqual(['the certificate ends soon and was not renewed']);
    const validTo = expect.stringMatching(/^20\d\d-\S+Z$/);
    expect(logged).toMatchObject([{ validTo }, { validTo, msg: 'new connections get the new certificate' }]);
  });

  test('back to the old ones change nothing', async () => {
    const directory = await ownDirectory();
    const files = await writeFiles(directory, first);
    const { taken } = await open(files);
    await writeFile(files.cert, 'x');
    await expect.poll(() => warnings().length).toBe(1);
    await writeFiles(directory, first);
    await writeFiles(directory, second);
    await expect.poll(() => taken).toEqual([second.cert]);
  });
});
