import { webcrypto } from 'node:crypto';
// The library below needs it.
import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate and its key, in PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** An authority that a test has made. */
export interface Authority {
  /** Its own certificate, in PEM. */
  readonly ca: string;
  /** Issues a certificate for 127.0.0.1, ::1 and localhost, which servers and clients may use. */
  issue(validity?: Validity): Promise<Pair>;
}

/** Epoch milliseconds. By default, from yesterday until tomorrow. */
export interface Validity {
  readonly from?: number;
  readonly to?: number;
}

const DAY = 86_400_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const EVERY_USE = [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth];
const NAMES = [
  { type: 'dns', value: 'localhost' },
  { type: 'ip', value: '127.0.0.1' },
  { type: 'ip', value: '::1' },
] as const;

/** Makes an authority that nobody else knows. */
export async function createAuthority(name = 'Test authority'): Promise<Authority> {
  const keys = await createKeys();
  const own = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    ...validity(),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign),
    ],
  });
  return { ca: pem(own), issue: (period) => issue(own, keys.privateKey, period) };
}

async function issue(authority: X509Certificate, signingKey: webcrypto.CryptoKey, period?: Validity): Promise<Pair> {
  const keys = await createKeys();
  const cert = await X509CertificateGenerator.create({
    subject: 'CN=localhost',
    issuer: authority.subject,
    ...validity(period),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [new ExtendedKeyUsageExtension(EVERY_USE), new SubjectAlternativeNameExtension([...NAMES])],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return { cert: pem(cert), key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n` };
}

function validity({ from = Date.now() - DAY, to = Date.now() + DAY }: Validity = {}) {
  return { notBefore: new Date(from), notAfter: new Date(to) };
}

function createKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
