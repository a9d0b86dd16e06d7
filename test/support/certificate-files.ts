import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CertificateFiles } from '../../src/doors/tls/certificates.js';
import type { Pair } from './certificates.js';

/** A directory for one test. */
export async function ownDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'scheduler-tls-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

/**
 * Writes a pair, and perhaps the authority of callers, into a directory. All at once: who looks at the files in this
 * process again and again finds at most once that they do not fit together.
 */
export async function writeFiles(directory: string, { cert, key }: Pair, clientCa?: string): Promise<CertificateFiles> {
  const files = {
    cert: join(directory, 'tls.crt'),
    key: join(directory, 'tls.key'),
    clientCa: clientCa === undefined ? undefined : join(directory, 'ca.crt'),
  };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key);
  if (files.clientCa) writeFileSync(files.clientCa, clientCa!);
  return files;
}
