import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { Correctable } from '../../correctable.js';

/** Where the certificates of the doors are: paths of PEM files. */
export interface CertificateFiles {
  /** The certificate of the service, and after it those of the authorities between it and the root. */
  readonly cert: string;
  readonly key: string;
  /** The authorities whose certificates callers must have. Undefined: callers need none. */
  readonly clientCa: string | undefined;
}

/** The content of these files. */
export interface Certificates {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly clientCa: Buffer | undefined;
}

/** Reads the files, whatever they contain. Throws `Correctable` for one that cannot be read. */
export async function readCertificates({ cert, key, clientCa }: CertificateFiles): Promise<Certificates> {
  return {
    cert: await read('TLS_CERT_FILE', cert),
    key: await read('TLS_KEY_FILE', key),
    clientCa: clientCa === undefined ? undefined : await read('TLS_CLIENT_CA_FILE', clientCa),
  };
}

async function read(setting: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Correctable(`${setting}=${path} cannot be read (${code}). Name a PEM file that this user may read.`);
  }
}

/**
 * Throws `Correctable` with a sentence unless the certificate is valid now, the key is its key, and the authorities of
 * callers are authorities.
 */
export function checkCertificates(files: CertificateFiles, { cert, key, clientCa }: Certificates): void {
  const certSetting = `TLS_CERT_FILE=${files.cert}`;
  const keySetting = `TLS_KEY_FILE=${files.key}`;
  const [own] = certificatesIn(cert, certSetting);
  checkValidity(own!, certSetting);
  if (!own!.checkPrivateKey(keyIn(key, keySetting))) {
    throw new Correctable(
      `${keySetting} is not the key of the certificate in ${certSetting}. Name a certificate and its own key.`,
    );
  }
  if (clientCa) checkAuthorities(clientCa, `TLS_CLIENT_CA_FILE=${files.clientCa}`);
  try {
    createSecureContext({ cert, key, ca: clientCa });
  } catch (error) {
    throw new Correctable(`${certSetting} and ${keySetting} cannot be used for TLS: ${(error as Error).message}.`);
  }
}

const BEGIN = /^-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/gm;
const BLOCK = /^-----BEGIN ((?:TRUSTED |X509 )?CERTIFICATE)-----[^-]+^-----END \1-----/gm;

/** All certificates of a file: at least one, and none that is cut off. */
function certificatesIn(pem: Buffer, setting: string): X509Certificate[] {
  const text = pem.toString('latin1');
  const blocks = text.match(BLOCK) ?? [];
  if (blocks.length === 0) throw new Correctable(`${setting} has no certificate. Name a file with one in PEM.`);
  const broken = new Correctable(`${setting} has a certificate that is broken or cut off. Write the file anew.`);
  if (blocks.length !== text.match(BEGIN)?.length) throw broken;
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    throw broken;
  }
}

function keyIn(pem: Buffer, setting: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    const what = pem.includes('ENCRYPTED') ? 'has a key that needs a passphrase' : 'has no private key';
    throw new Correctable(`${setting} ${what}. Name a file with a private key in PEM, without a passphrase.`);
  }
}

function checkValidity({ validFrom, validTo }: X509Certificate, setting: string): void {
  const now = Date.now();
  if (Date.parse(validTo) < now) {
    throw new Correctable(`${setting} has a certificate that expired at ${instant(validTo)}. Renew it.`);
  }
  if (Date.parse(validFrom) > now) {
    throw new Correctable(
      `${setting} has a certificate that is not valid before ${instant(validFrom)}. Wait, or set the clock.`,
    );
  }
}

function checkAuthorities(pem: Buffer, setting: string): void {
  if (certificatesIn(pem, setting).some(({ ca }) => ca)) return;
  throw new Correctable(
    `${setting} has no certificate of an authority. Name a file with those that signed the certificates of callers.`,
  );
}

/** An instant as OpenSSL writes it, in RFC 3339. */
function instant(text: string): string {
  return new Date(text).toISOString();
}

/** How long the certificate of the service is valid: epoch milliseconds. */
export function validityOf({ cert }: Certificates): { readonly from: number; readonly to: number } {
  const { validFrom, validTo } = new X509Certificate(cert);
  return { from: Date.parse(validFrom), to: Date.parse(validTo) };
}
