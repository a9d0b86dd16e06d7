import pg from 'pg';
import { connectionSettings } from '../postgres/pool.js';
import { type Cluster, clusterUrl } from './cluster.js';

/**
 * A client, yet to connect, of the database `postgres`, where nobody else works. Connecting settles within 5 s and a
 * statement within 10.5 s.
 */
export function maintenanceClient(cluster: Cluster, port: number, name: string): pg.Client {
  const client = new pg.Client(connectionSettings(clusterUrl(cluster, port, 'postgres'), name, 5_000, 10_000));
  // The call under way rejects too; without a listener the event would end the process.
  client.on('error', () => {});
  return client;
}
