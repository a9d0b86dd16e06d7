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
  /** Issues a certificate that servers and clients may use. */
  issue(wanted?: Wanted): Promise<Pair>;
}

/** What a certificate has. */
export interface Wanted {
  /** Epoch milliseconds. By default, yesterday. */
  readonly from?: number;
  /** Epoch milliseconds. By default, tomorrow. */
  readonly to?: number;
  /** By default, localhost, 127.0.0.1 and ::1. */
  readonly names?: readonly { readonly type: 'dns' | 'ip'; readonly value: string }[];
}

const DAY = 86_400_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const EVERY_USE = [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth];
const NAMES: NonNullable<Wanted['names']> = [
  { type: 'dns', value: 'localhost' },
  { type: 'ip', value: '127.0.0.1' },
  { type: 'ip', value: '::1' },
];

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
  return { ca: pem(own), issue: (wanted) => issue(own, keys.privateKey, wanted) };
}

async function issue(authority: X509Certificate, signingKey: webcrypto.CryptoKey, wanted: Wanted = {}): Promise<Pair> {
  const keys = await createKeys();
  const cert = await X509CertificateGenerator.create({
    subject: 'CN=localhost',
    issuer: authority.subject,
    ...validity(wanted),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new ExtendedKeyUsageExtension(EVERY_USE),
      new SubjectAlternativeNameExtension([...(wanted.names ?? NAMES)]),
    ],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return { cert: pem(cert), key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n` };
}

function validity({ from = Date.now() - DAY, to = Date.now() + DAY }: Wanted = {}) {
  return { notBefore: new Date(from), notAfter: new Date(to) };
}

function createKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
