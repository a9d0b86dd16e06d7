import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from './cluster.js';
import { maintenanceClient } from './maintenance-client.js';

/**
 * What is found at a port: a server of the cluster, one that takes no logins yet or any more, a server of other data,
 * or nothing.
 */
export type Finding = 'ours' | 'busy' | 'other' | 'nobody';

/**
 * Finds out who listens at a port. The proof is a file: a server that can read what was just put into the data
 * directory serves that directory, and neither a copy of it nor another one, under whatever name. Throws when what
 * listens there is silent, is no Postgres, or refuses the password.
 */
export async function probe(cluster: Cluster, port: number): Promise<Finding> {
  const client = maintenanceClient(cluster, port, 'probe');
  const proof = `proof-${randomUUID()}`;
  try {
    await client.connect();
    await writeFile(join(cluster.data, proof), proof, { mode: 0o644 });
    const { rows } = await client.query<{ proof: string | null }>('SELECT pg_read_file($1, true) AS proof', [proof]);
    return rows[0]?.proof === proof ? 'ours' : 'other';
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ECONNREFUSED') return 'nobody';
    if (code === '57P03') return 'busy';
    throw error;
  } finally {
    await rm(join(cluster.data, proof), { force: true });
    await client.end();
  }
}
