import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredToken } from '../../../src/authentication/tokens/tokens-file.js';
import { ownDirectory } from '../../support/certificate-files.js';

/** The time of these tests: epoch milliseconds. */
export const NOW = Date.parse('2030-03-01T12:00:00Z');
export const DAY = 86_400_000;

/** A token as the file has it. */
export function storedToken(fields: Partial<StoredToken> = {}): StoredToken {
  return {
    id: 'a1',
    subject: 'booking-page',
    roles: ['service'],
    created_at: '2030-03-01T00:00:00Z',
    expires_at: '2030-06-01T00:00:00Z',
    digest: `sha256:${'0'.repeat(64)}`,
    ...fields,
  };
}

/** A path at which there is no tokens file yet, in a directory for one test. */
export async function newPath(): Promise<string> {
  return join(await ownDirectory(), 'tokens.json');
}

/** A tokens file with this content. */
export async function fileWith(content: string, mode = 0o600): Promise<string> {
  const path = await newPath();
  await writeFile(path, content, { mode });
  return path;
}
