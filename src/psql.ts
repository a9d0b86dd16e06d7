import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Config } from './config/config.js';
import { Correctable } from './correctable.js';
import { namedDatabases } from './databases.js';
import { runningDatabaseUrl } from './embedded-postgres/embedded-postgres.js';

const SUPERUSER = '--superuser';

/**
 * The URL of the database that has the read model, with its password. With `--superuser`: for the superuser of the
 * embedded PostgreSQL. Throws `Correctable` when no embedded PostgreSQL runs, or there is none.
 */
export async function readModelUrl(args: readonly string[], config: Config, signal: AbortSignal): Promise<string> {
  const { readModel } = namedDatabases(config);
  const asSuperuser = args.includes(SUPERUSER);
  if (!readModel) return runningDatabaseUrl(config.DATA_DIR, signal, asSuperuser ? 'superuser' : 'service');
  if (asSuperuser) {
    throw new Correctable(
      `${SUPERUSER} is for the embedded PostgreSQL; ${readModel.setting} names another. Connect to that as its administrator.`,
    );
  }
  return readModel.url;
}

/**
 * Runs psql on that database, and answers its exit code. What follows in the arguments goes to psql. Throws `Correctable`
 * when psql is not installed.
 */
export async function psql(args: readonly string[], config: Config, signal: AbortSignal): Promise<number> {
  const url = new URL(await readModelUrl(args, config, signal));
  // Others can read the arguments of a process, but not its environment.
  const env = { ...process.env, ...(url.password && { PGPASSWORD: decodeURIComponent(url.password) }) };
  url.password = '';
  const rest = args.filter((arg) => arg !== SUPERUSER);
  // Ctrl-C is for psql, which ends a query by it.
  process.removeAllListeners('SIGINT').on('SIGINT', () => {});
  const child = spawn('psql', ['--dbname', url.href, ...rest], { stdio: 'inherit', env });
  try {
    const [code] = await once(child, 'exit');
    return code ?? 1;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Correctable(
      'psql is not installed. Install it (Debian: apt install postgresql-client), or give any PostgreSQL client the URL ' +
        'that `npx scheduler url` prints.',
      { cause: error },
    );
  }
}
