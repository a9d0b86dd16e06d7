import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pause } from '../../src/waiting.js';

/** A service in a process of its own, which can be killed, frozen and started again at the same ports. */
export interface ChaosService {
  readonly httpUrl: string;
  readonly grpcAddress: string;
  /** Starts the process, unless it runs. Its doors open later. */
  start(): void;
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** @param offset milliseconds by which its clock is ahead from now on */
  setClock(offset: number): void;
  /** Whether `/readyz` says yes. */
  isReady(): Promise<boolean>;
}

const CLI = fileURLToPath(new URL('../../src/cli.js', import.meta.url));
const PRELOAD = new URL('./preload.js', import.meta.url).href;

/** What a service is started with. */
export interface ServiceSettings {
  readonly port: number;
  readonly grpcPort: number;
  readonly env: Readonly<Record<string, string>>;
  /** The file for its log. */
  readonly logFile: string;
}

/** A service that is not started yet. */
export function createService({ port, grpcPort, env, logFile }: ServiceSettings): ChaosService {
  const output = createWriteStream(logFile, { flags: 'a' });
  const httpUrl = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let offset = 0;

  function isRunning(): boolean {
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  function start(): void {
    // Another fault of the same round may have started it.
    if (isRunning()) return;
    child = spawn(process.execPath, ['--import', PRELOAD, CLI, 'start'], {
      env: { PATH: process.env['PATH'], PORT: `${port}`, GRPC_PORT: `${grpcPort}`, LOG_FORMAT: 'json', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child.stdout!.pipe(output, { end: false });
    child.stderr!.pipe(output, { end: false });
    child.on('error', () => {});
    child.send({ offset }, () => {});
  }

  return {
    httpUrl,
    grpcAddress: `127.0.0.1:${grpcPort}`,
    start,
    signal: (signal) => void child?.kill(signal),
    async end(signal) {
      const ending = child;
      if (!ending || !isRunning()) return;
      const ended = once(ending, 'exit');
      ending.kill(signal);
      const patience = new AbortController();
      // An orderly end waits for a database that may be away: as an orchestrator does, do not wait for ever.
      const killing = pause(10_000, patience.signal).then(
        () => ending.kill('SIGKILL'),
        () => {},
      );
      await ended;
      patience.abort();
      await killing;
    },
    setClock(by) {
      offset = by;
      if (child?.connected) child.send({ offset }, () => {});
    },
    async isReady() {
      const answer = await fetch(`${httpUrl}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
      await answer?.body?.cancel();
      return answer?.status === 200;
    },
  };
}
