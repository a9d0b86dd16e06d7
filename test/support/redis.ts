import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { freePort } from '../../src/embedded-postgres/port.js';

/** A Redis server on this machine, without anything on disk. */
export interface Redis {
  readonly url: string;
  /** Sends a signal, and waits for the end when the signal ends it. */
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Starts it again at its port, empty. */
  restart(): Promise<void>;
}

/** Why there is no Redis for tests; undefined when there is. */
export const NO_REDIS = spawnSync('redis-server', ['--version']).error
  ? 'tests of shared limits and of the feed to Redis are left out: redis-server is not installed (apt-get install redis-server)'
  : undefined;

if (NO_REDIS) console.warn(NO_REDIS);

/**
 * Starts a Redis for one test.
 * @param options further ones of `redis-server`
 */
export async function startRedis(...options: string[]): Promise<Redis> {
  const port = await freePort();
  let server = await launch(port, options);
  onTestFinished(() => end(server));
  return {
    url: `redis://127.0.0.1:${port}`,
    async signal(signal) {
      if (signal === 'SIGKILL') await end(server);
      else server.kill(signal);
    },
    async restart() {
      server = await launch(port, options);
    },
  };
}

async function launch(port: number, options: readonly string[]): Promise<ChildProcess> {
  const nothingOnDisk = ['--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', ...nothingOnDisk, ...options], {
    stdio: 'ignore',
  });
  await expect.poll(() => server.exitCode !== null || isOpen(port)).toBe(true);
  // Else somebody else has taken the port meanwhile.
  expect(server.exitCode).toBeNull();
  return server;
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}
