import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Cluster } from './cluster.js';

/**
 * The port at which the cluster was served last if that is free, else another free one. Another process may take it
 * the next moment.
 */
export async function choosePort(cluster: Cluster): Promise<number> {
  const kept = Number(await readFile(fileOf(cluster), 'utf8').catch(() => ''));
  return (await isFree(kept)) ? kept : freePort();
}

/** Keeps the port for the next start, so that the cluster's address stays the same. */
export async function keepPort(cluster: Cluster, port: number): Promise<void> {
  await writeFile(fileOf(cluster), `${port}\n`);
}

/** A free port of the loopback interface. Another process may take it the next moment. */
export async function freePort(): Promise<number> {
  for (;;) {
    // Below the ports that systems give to outgoing connections: such a connection could take the port while Postgres
    // is down.
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return port !== 0;
  } catch {
    return false;
  }
}

function fileOf(cluster: Cluster): string {
  return join(cluster.directory, 'port');
}
