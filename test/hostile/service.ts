import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../bench/harness/postgres.js';
import { DATA, startSubject } from '../../bench/harness/subject.js';
import { serviceWith } from '../../bench/harness/subjects.js';
import type { Target } from './carry-out.js';

/** A service to attack, in a process of its own, on a database of its own. */
export interface AttackedService extends Target {
  readonly pid: number;
  readonly httpUrl: string;
  readonly grpcAddress: string;
  readonly databaseUrl: string;
  isAlive(): boolean;
  /** Bytes in use after a collection of garbage, in the heap and in buffers. */
  bytesInUse(): Promise<number>;
  /** The lines of its log so far that warn, or tell of errors. */
  warnings(): Promise<LogLine[]>;
  /** All of its log so far. */
  log(): Promise<string>;
  /** Stops the service, and not the Postgres. */
  stopService(): Promise<void>;
  stop(): Promise<void>;
}

/** A line of the service's log. */
export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [member: string]: unknown;
}

/** Caches that are full after the warm-up, so that memory which grows later is not theirs. */
const SETTINGS = { COACH_CACHE_MB: '2', CLIENT_CACHE_MB: '1' };

const TELLING_HEAP = ['--expose-gc', '--import', './dist/bench/harness/heap-on-signal.js'];

/**
 * Starts Postgres and the service as `npm start` does. Rejects when it does not start.
 * @param settings others than the default ones, by the names of their variables
 */
export async function startAttackedService(settings: Readonly<Record<string, string>> = {}): Promise<AttackedService> {
  const directory = await mkdtemp(join(tmpdir(), 'hostile-'));
  // Nothing has to survive a loss of power.
  const postgres = await startPostgres(DATA, ['fsync=off']);
  const logFile = join(directory, 'service.log');
  const subject = serviceWith('service', { ...SETTINGS, ...settings });
  const databaseUrl = await postgres.createDatabase();
  const running = await startSubject(subject, databaseUrl, logFile, TELLING_HEAP);
  const log = () => readFile(logFile, 'utf8');
  const { pid, httpUrl, grpcAddress } = running;
  return {
    pid,
    httpUrl,
    grpcAddress,
    databaseUrl,
    httpPort: Number(new URL(httpUrl).port),
    grpcPort: Number(grpcAddress.split(':')[1]),
    isAlive: () => isAlive(pid),
    bytesInUse: async () => Number(await running.signal('SIGUSR2', /in use (\d+)/)),
    warnings: async () => warningsIn(await log()),
    log,
    stopService: running.stop,
    async stop() {
      await running.stop();
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function warningsIn(log: string): LogLine[] {
  const lines = log.split('\n').filter((line) => line !== '' && !line.startsWith('{"level":30,'));
  return lines.map(lineOf).filter(({ level }) => level >= 40);
}

/** What is not JSON was written by a library, or by Node: a defect. */
function lineOf(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { level: 50, msg: line };
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
