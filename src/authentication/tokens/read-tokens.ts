import type { Stats } from 'node:fs';
import { constants, type FileHandle, open } from 'node:fs/promises';
import { Correctable } from '../../correctable.js';
import { parseTokens, type StoredToken } from './tokens-file.js';

/** A tokens file as it was found. */
export interface FoundTokens {
  readonly tokens: readonly StoredToken[];
  readonly content: string;
  /** Owner, group and permissions. */
  readonly stats: Pick<Stats, 'uid' | 'gid' | 'mode'>;
}

/** Reads the tokens file. Throws `Correctable` as `findTokens` does, and when there is no file. */
export async function readTokens(path: string, before?: FoundTokens): Promise<FoundTokens> {
  const found = await findTokens(path, before);
  if (found) return found;
  throw new Correctable(
    `${named(path)} is not there. Make it with its first token: npx scheduler token create --subject NAME --role ROLE`,
  );
}

/**
 * Reads the tokens file; undefined when there is none. Throws `Correctable` for one that cannot be read, that others
 * could read or change, or that is malformed.
 * @param before what was found before: its tokens are answered again while the content is the same
 */
export async function findTokens(path: string, before?: FoundTokens): Promise<FoundTokens | undefined> {
  let opened: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe waits for its writer.
    opened = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    // Of the file that was opened, whatever the path leads to by now.
    const stats = await opened.stat();
    checkAccess(path, stats);
    const content = await opened.readFile('utf8');
    const tokens = content === before?.content ? before.tokens : parseTokens(content);
    if (!('rule' in tokens)) return { tokens, content, stats };
    throw new Correctable(`${named(path)} is malformed: ${place(tokens.path)} ${tokens.rule}. Correct the file.`);
  } catch (error) {
    if (error instanceof Correctable) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    const isForbidden = code === 'EACCES' || code === 'EPERM';
    const remedy = isForbidden ? `Let it belong to the user who runs the service: chown USER ${path}` : 'Name a file.';
    throw new Correctable(`${named(path)} cannot be read (${code}). ${remedy}`);
  } finally {
    await opened?.close();
  }
}

/** The setting, for the beginning of a sentence. */
export function named(path: string): string {
  return `AUTH_TOKENS_FILE=${path}`;
}

const ROOT = 0;
const GROUP_READS = 0o040;
const OTHERS = 0o077;

/** Who could write the file could make themselves tokens; who could read it would know who may call the service. */
function checkAccess(path: string, stats: Stats): void {
  if (!stats.isFile()) throw new Correctable(`${named(path)} is not a file. Name a file.`);
  const user = process.geteuid?.();
  // Windows has other permissions.
  if (user === undefined) return;
  if (stats.uid !== user && stats.uid !== ROOT) {
    throw new Correctable(
      `${named(path)} belongs to another user (${stats.uid}), who could make tokens. Let it belong to the user who ` +
        `runs the service, and run the commands for tokens as that user: chown ${user} ${path}`,
    );
  }
  // As PostgreSQL has it for keys: root alone decides on the groups of its files. Kubernetes mounts secrets so.
  const allowed = stats.uid === ROOT && user !== ROOT ? GROUP_READS : 0;
  if ((stats.mode & OTHERS & ~allowed) !== 0) {
    const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
    throw new Correctable(`${named(path)} is open to other users (mode ${mode}). Close it: chmod 600 ${path}`);
  }
}

/** `tokens[0].roles`, or `it` for the whole. */
function place(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text.slice(1) || 'it';
}
