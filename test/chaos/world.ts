import { join } from 'node:path';
import { freePort } from '../../src/embedded-postgres/port.js';
import { type KurrentdbStandIn, startKurrentdbStandIn } from '../support/kurrentdb-stand-in/stand-in.js';
import { type ChaosDatabase, startDatabase } from './database.js';
import { type Link, openLink } from './link.js';
import { type ChaosService, createService } from './service.js';

/** Two services on one log and one read model, each behind links of its own. */
export interface World {
  readonly database: ChaosDatabase;
  /** The stand-in for KurrentDB, if it has the log. */
  readonly kurrentdb: KurrentdbStandIn | undefined;
  readonly services: readonly ChaosService[];
  /** The links of each service: to Postgres, and to KurrentDB if it has the log. */
  readonly links: readonly (readonly Link[])[];
  /** The settings of a tool that reaches the databases without links. */
  readonly directEnv: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Which store has the log. */
export type StoreName = 'postgres' | 'kurrentdb';

/** Starts the databases and both services. */
export async function startWorld(store: StoreName): Promise<World> {
  const database = await startDatabase();
  const kurrentdb = store === 'kurrentdb' ? await startKurrentdbStandIn() : undefined;
  const links: Link[][] = [];
  const services: ChaosService[] = [];

  function envThrough(toPostgres: number, toKurrentdb: number | undefined): Record<string, string> {
    const postgres = database.urlAt(toPostgres);
    if (toKurrentdb === undefined) return { EVENT_STORE_URL: postgres };
    return { EVENT_STORE_URL: `esdb://127.0.0.1:${toKurrentdb}?tls=false`, READ_MODEL_URL: postgres };
  }

  for (const name of ['one', 'other']) {
    const targets = kurrentdb ? [database.port, kurrentdb.port] : [database.port];
    const own = await Promise.all(targets.map(openLink));
    links.push(own);
    const ports = { port: await freePort(), grpcPort: await freePort() };
    const logFile = join(database.directory, `${name}.log`);
    const service = createService({ ...ports, env: envThrough(own[0]!.port, own[1]?.port), logFile });
    service.start();
    services.push(service);
  }

  return {
    database,
    kurrentdb,
    services,
    links,
    directEnv: envThrough(database.port, kurrentdb?.port),
    async close() {
      await Promise.all(services.map((service) => service.end('SIGKILL')));
      for (const link of links.flat()) link.close();
      await kurrentdb?.stop();
      await database.remove();
    },
  };
}
