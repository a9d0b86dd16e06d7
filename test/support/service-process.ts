import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { alone } from '../../src/authentication/tokens/lock.js';

/** The service as a user runs it, in a process of its own, which may not be ready. */
export interface StartingProcess {
  /** Everything it wrote, to both outputs. */
  readonly output: () => string;
  /** Sends a signal. */
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Ended>;
  readonly hasEnded: () => boolean;
}

/** The service in a process of its own, at work. */
export interface ServiceProcess extends StartingProcess {
  readonly httpUrl: string;
  readonly grpcAddress: string;
}

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  /** What it wrote, to both outputs. */
  readonly output: string;
  /** What it wrote to standard error. */
  readonly errors: string;
  readonly ms: number;
}

/**
 * Compiles the service, as `npm start` does. Test files take turns: one must not run what another is just writing, and
 * the first of them compiles for all.
 */
export async function buildService(): Promise<void> {
  const build = () => promisify(execFile)(process.execPath, ['build/build.mjs', '--if-stale']);
  await alone('node_modules/.build-for-tests', build, 100_000);
}

/** Starts the service and waits until its doors are open. Its ports are free ones, unless `env` says otherwise. */
export async function startServiceProcess(env: Record<string, string>): Promise<ServiceProcess> {
  const starting = beginServiceProcess(env);
  const { output, hasEnded } = starting;
  await expect.poll(() => hasEnded() || /Ctrl-C stops it/.test(output()), { timeout: 60_000 }).toBe(true);
  const httpUrl = /REST, Connect, gRPC-Web +(\S+)/.exec(output())?.[1];
  const grpcAddress = /gRPC {2,}(\S+)/.exec(output())?.[1];
  if (!httpUrl || !grpcAddress) throw new Error(`the service did not start:\n${output()}`);
  return { ...starting, httpUrl, grpcAddress };
}

/** Starts the service, or a command of it. Its ports are free ones, unless `env` says otherwise. */
export function beginServiceProcess(env: Record<string, string>, ...command: string[]): StartingProcess {
  const { child, output, errors } = launch(env, command.length > 0 ? command : undefined);
  return {
    output,
    signal: (name) => void child.kill(name),
    end: (name) => endOf(child, output, errors, name),
    hasEnded: () => child.exitCode !== null,
  };
}

/** Runs a command of the service to its end. */
export async function runService(env: Record<string, string>, ...command: string[]): Promise<Ended> {
  const { child, output, errors } = launch(env, command);
  return endOf(child, output, errors);
}

function launch(env: Record<string, string>, command = ['start']) {
  const child = spawn(process.execPath, ['dist/src/cli.js', ...command], {
    env: { PATH: process.env['PATH'], PORT: '0', GRPC_PORT: '0', LOG_FORMAT: 'json', SHUTDOWN_DRAIN_MS: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  let errors = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (stream === child.stderr) errors += chunk;
    });
  }
  return { child, output: () => text, errors: () => errors };
}

async function endOf(
  child: ChildProcess,
  output: () => string,
  errors: () => string,
  signal?: NodeJS.Signals,
): Promise<Ended> {
  const started = performance.now();
  const closed = child.exitCode === null && child.signalCode === null ? once(child, 'close') : undefined;
  if (signal) child.kill(signal);
  await closed;
  return { code: child.exitCode, output: output(), errors: errors(), ms: performance.now() - started };
}

/** Ends processes with a signal, those that are frozen too, and forgets them. */
export async function endAll(running: StartingProcess[], name: NodeJS.Signals): Promise<void> {
  for (const one of running.splice(0)) {
    one.signal('SIGCONT');
    await one.end(name);
  }
}

/** The process id of the embedded Postgres of a data directory. */
export async function postmasterOf(dataDir: string): Promise<number> {
  const [pid] = (await readFile(join(dataDir, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n');
  return Number(pid);
}
