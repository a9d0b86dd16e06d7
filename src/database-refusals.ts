import pg from 'pg';
import { Correctable } from './correctable.js';
import { StoreUnavailable } from './event-store/event-store.js';
import { hostsOf, storeKindOf } from './event-store/store-url.js';
import { isCertificateRefused, isConnectionError, isLoginRefused } from './postgres/pool.js';

/** A database, and the setting that names it; undefined for the embedded one. */
export interface Database {
  readonly url: string;
  readonly setting: 'EVENT_STORE_URL' | 'READ_MODEL_URL' | '--from' | '--to' | undefined;
}

/** The SQLSTATEs of a database that does not exist, and of a role that lacks a right. */
const NO_DATABASE = '3D000';
const NO_RIGHT = '42501';

/** What pg says in plain errors of its own when a server and a URL do not fit. */
const DOES_NOT_FIT = /\b(SSL|TLS|SASL|SCRAM|password|certificate|URI malformed)\b/i;

/**
 * Runs something that opens a database. Throws `Correctable` when the database answers and refuses what the service
 * needs, or the URL cannot be used: to try again would not help. Throws other errors as they are, such as those of a
 * database that does not answer.
 */
export async function orRefusal<Opened>(database: Database, open: () => Promise<Opened>): Promise<Opened> {
  try {
    return await open();
  } catch (error) {
    const sentence = [error, (error as Error).cause].map((one) => sentenceOn(one, database)).find(Boolean);
    if (sentence === undefined) throw error;
    const { setting } = database;
    throw new Correctable(`${setting ?? 'The embedded PostgreSQL'}: ${sentence}`, { cause: error });
  }
}

/**
 * As `orRefusal`, for a command, which does not wait: throws `Correctable` also when the database does not answer.
 */
export async function orSentence<Opened>(database: Database, open: () => Promise<Opened>): Promise<Opened> {
  try {
    return await orRefusal(database, open);
  } catch (error) {
    if (!(error instanceof StoreUnavailable) && !isConnectionError(error)) throw error;
    const { setting, url } = database;
    const reason = (error as Error).cause instanceof Error ? ((error as Error).cause as Error) : (error as Error);
    const why = reason.message || String((reason as { code?: unknown }).code);
    throw new Correctable(
      `${setting ?? 'The embedded PostgreSQL'}: ${hostsOf(url)} does not answer: ${why}. Start the database, or correct the URL.`,
      { cause: error },
    );
  }
}

function sentenceOn(error: unknown, { url }: Database): string | undefined {
  if (!(error instanceof Error) || error instanceof Correctable || storeKindOf(url) !== 'postgres') return undefined;
  const { user, name } = partsOf(url);
  const server = `PostgreSQL at ${hostsOf(url)}`;
  const says = error.message.replace(/\.$/, '');
  const { code } = error as { code?: string };
  if (isLoginRefused(error)) {
    return `${server} refuses the role ${user}: ${says}. Correct the role or its password in the URL, or allow the role on the server.`;
  }
  if (error instanceof pg.DatabaseError && code === NO_DATABASE) {
    return `${server} has no database ${name}: ${says}. Create it, or name another one in the URL.`;
  }
  if (error instanceof pg.DatabaseError && code === NO_RIGHT) {
    return (
      `the role ${user} lacks a right in the database ${name} of ${server}: ${says}. The service makes its own schemas ` +
      `and owns them: GRANT CREATE ON DATABASE ${name} TO ${user}, or let the role that made the schemas serve.`
    );
  }
  if (isCertificateRefused(error)) {
    return (
      `${server} shows a certificate that is not trusted: ${says}. Name the authority that signed it in sslrootcert of the ` +
      'URL, and the server as its certificate does.'
    );
  }
  if (isUnfit(error)) return `${server} cannot be used: ${says}. Correct the URL, or the server.`;
  if (isConnectionError(error) || !(error instanceof pg.DatabaseError)) return undefined;
  return `${server} refuses what the service needs: ${says} (SQLSTATE ${code}). Use PostgreSQL 14 or later, and a database that nothing else uses.`;
}

/** Whether the URL names what is not there, such as a file with certificates, or what the server does not have. */
function isUnfit(error: Error): boolean {
  if (error instanceof pg.DatabaseError) return false;
  const { syscall, code = '' } = error as NodeJS.ErrnoException;
  if (syscall === 'open') return true;
  return syscall === undefined && (/CERT|TLS|SSL|SIGNATURE/.test(code) || DOES_NOT_FIT.test(error.message));
}

/** The role and the database in a URL, as Postgres quotes them. */
function partsOf(url: string): { user: string; name: string } {
  const { username, pathname } = URL.canParse(url) ? new URL(url) : { username: '', pathname: '' };
  const quoted = (text: string) => `"${decoded(text)}"`;
  const user = username || process.env['PGUSER'] || process.env['USER'] || '';
  return { user: quoted(user), name: quoted(pathname.slice(1) || user) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
