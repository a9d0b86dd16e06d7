import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A program to measure. It says on its standard error where it listens: `http://127.0.0.1:1234`, `gRPC 127.0.0.1:1235`.
 */
export interface Subject {
  /** Its name in the results. */
  readonly name: string;
  /** An executable, from the root of the repository; Node when absent. */
  readonly program?: string;
  /** The arguments, for Node the script first. */
  readonly args: readonly string[];
  /** Installs or builds what it needs. Throws when this machine cannot. */
  readonly prepare?: () => void;
  /** Which subjects are variants of one peer, such as with and without `on conflict do nothing`. */
  readonly variantOf?: string;
  /** Where it keeps the sessions booked; undefined when it keeps none. */
  readonly keeps?: Kept;
  /** Its settings. */
  env(databaseUrl: string): Record<string, string>;
}

/** Where a subject keeps its sessions, and which promises the scenario checks. */
export interface Kept {
  /** The table that has a row for each session. */
  readonly table: string;
  /** Whose time is never booked twice. */
  readonly guards: 'coaches' | 'coaches and clients';
  /** Why double bookings of this subject fail no scenario, if they do not. */
  readonly exception?: string;
}

/** A subject at work. */
export interface Running {
  readonly pid: number;
  /** Empty when it does not serve HTTP. */
  readonly httpUrl: string;
  /** Empty when it does not serve gRPC. */
  readonly grpcAddress: string;
  /** Sends it a signal and resolves with what it then says on its standard error: the first group of the pattern. */
  signal(name: NodeJS.Signals, answer: RegExp): Promise<string>;
  /** Asks it to end, and kills it after ten seconds. Resolves when it has ended. */
  stop(): Promise<void>;
}

/** Where the repository is. Compiled, this file is in dist/bench/harness. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Where the benchmark keeps data while it runs. */
export const DATA = join(ROOT, '.data');

/** As `npm start` has them. Whatever runs on Node gets them, so that the peers gain by them too. */
const NODE_FLAGS = ['--max-semi-space-size=64'];

const START_LIMIT = 30_000;
const STOP_LIMIT = 10_000;

/**
 * Starts a subject as its users would, in production and with its log going to a file.
 * @param nodeOptions options for Node, such as `--cpu-prof`; not for other programs
 */
export async function startSubject(
  subject: Subject,
  databaseUrl: string,
  logFile: string,
  nodeOptions: readonly string[] = [],
): Promise<Running> {
  const log = await open(logFile, 'a');
  const [program, args] = subject.program
    ? [subject.program, subject.args]
    : [process.execPath, [...NODE_FLAGS, ...nodeOptions, ...subject.args]];
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...subject.env(databaseUrl) },
    stdio: ['ignore', log.fd, 'pipe'],
  });
  await log.close();

  const httpUrl = told(child, /http:\/\/[\d.]+:\d+/);
  const grpcAddress = told(child, /gRPC\s+([\d.]+:\d+)/);
  const ready = told(child, /ready|Ctrl-C stops it/);
  try {
    await ready;
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${subject.name} did not start: ${(error as Error).message}`);
  }
  return {
    pid: child.pid!,
    httpUrl: await Promise.race([httpUrl, '']),
    grpcAddress: await Promise.race([grpcAddress, '']),
    async signal(name, answer) {
      const said = told(child, answer);
      child.kill(name);
      return said;
    },
    stop: () => end(child),
  };
}

/** The program's output once it matches: the first group of the match, or the match. Never rejects unhandled. */
function told(child: ChildProcess, pattern: RegExp): Promise<string> {
  const heard = new AbortController();
  const found = new Promise<string>((resolve, reject) => {
    let said = '';
    const listen = (text: string) => {
      said = (said + text).slice(-10_000);
      const match = pattern.exec(said);
      if (match) resolve(match[1] ?? match[0]);
    };
    const ended = () => reject(new Error(`it ended, saying: ${said}`));
    const timer = setTimeout(() => reject(new Error(`it said no more than: ${said}`)), START_LIMIT);
    timer.unref();
    child.stderr!.setEncoding('utf8').on('data', listen);
    child.once('error', reject).once('exit', ended);
    heard.signal.addEventListener('abort', () => {
      clearTimeout(timer);
      child.stderr!.off('data', listen);
      child.off('error', reject).off('exit', ended);
    });
  });
  found.catch(() => {}).finally(() => heard.abort());
  return found;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT);
  await ended;
  clearTimeout(timer);
}
