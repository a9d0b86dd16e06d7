import type { SecureContextOptions } from 'node:tls';
import type { Logger } from 'pino';
import { lookAgain } from '../../look-again.js';
import {
  type CertificateFiles,
  type Certificates,
  checkCertificates,
  readCertificates,
  validityOf,
} from './certificates.js';

/** The certificates that the doors show, which may change while the doors are open. */
export interface LiveCertificates {
  /** Whether callers must have a certificate too. */
  readonly mutual: boolean;
  /** What new connections get now. */
  context(): SecureContextOptions;
  /** Calls the listener with what new connections are to get, each time that it changes. Open connections go on. */
  onChange(take: (context: SecureContextOptions) => void): void;
  /** Reads the files no more. */
  stop(): void;
}

/** The part of a certificate's life at whose end its renewal is overdue. Issuers renew when a third is left. */
const OVERDUE = 0.2;

/** Milliseconds between two looks at the files. */
const INTERVAL = 1_000;

/**
 * Reads the certificates, and reads them again once a second: content counts, so that replaced files and swapped symlinks
 * are noticed alike, on every file system. New ones are taken once all fit together; until then the old ones stay, and
 * the log says why when that lasts. A certificate that ends soon is a line in the log, once. Throws `Correctable` when
 * the first ones cannot be used.
 * @param interval milliseconds between two looks
 */
export async function openCertificates(
  files: CertificateFiles,
  log: Logger,
  interval = INTERVAL,
): Promise<LiveCertificates> {
  const listeners: ((context: SecureContextOptions) => void)[] = [];
  let served = await readCertificates(files);
  checkCertificates(files, served);
  let renewal = renewalOf(served);

  function warnWhenOverdue(): void {
    if (renewal.isTold || Date.now() < renewal.overdueAt) return;
    log.warn({ validTo: renewal.validTo }, 'the certificate ends soon and was not renewed');
    renewal.isTold = true;
  }

  function take(certificates: Certificates): void {
    served = certificates;
    renewal = renewalOf(served);
    for (const listener of listeners) listener(contextOf(served));
    log.info({ validTo: renewal.validTo }, 'new connections get the new certificate');
  }

  async function takeWhatIsNew(): Promise<void> {
    warnWhenOverdue();
    const certificates = await readCertificates(files);
    if (isSame(certificates, served)) return;
    checkCertificates(files, certificates);
    take(certificates);
  }

  warnWhenOverdue();
  const stop = lookAgain(takeWhatIsNew, interval, (problem) =>
    log.warn(`the new certificate is not taken, and the old one stays: ${problem}`),
  );
  return {
    mutual: files.clientCa !== undefined,
    context: () => contextOf(served),
    onChange: (listener) => void listeners.push(listener),
    stop,
  };
}

function contextOf({ cert, key, clientCa }: Certificates): SecureContextOptions {
  // The lowest version belongs to the context, and would fall back to Node's own with each new one.
  return { cert, key, ...(clientCa && { ca: clientCa }), minVersion: 'TLSv1.2' };
}

function renewalOf(certificates: Certificates): { overdueAt: number; validTo: string; isTold: boolean } {
  const { from, to } = validityOf(certificates);
  return { overdueAt: to - OVERDUE * (to - from), validTo: new Date(to).toISOString(), isTold: false };
}

function isSame(one: Certificates, other: Certificates): boolean {
  const same = (a: Buffer | undefined, b: Buffer | undefined) => a === b || (a && b && a.equals(b)) === true;
  return same(one.cert, other.cert) && same(one.key, other.key) && same(one.clientCa, other.clientCa);
}
