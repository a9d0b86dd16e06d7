import { mkdtemp, rm, writeFile } from 'node:fs/promises';
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

/** Writes a pair, and perhaps the authority of callers, into a directory. */
export async function writeFiles(directory: string, { cert, key }: Pair, clientCa?: string): Promise<CertificateFiles> {
  const files = {
    cert: join(directory, 'tls.crt'),
    key: join(directory, 'tls.key'),
    clientCa: clientCa === undefined ? undefined : join(directory, 'ca.crt'),
  };
  await writeFile(files.cert, cert);
  await writeFile(files.key, key);
  if (files.clientCa) await writeFile(files.clientCa, clientCa!);
  return files;
}
