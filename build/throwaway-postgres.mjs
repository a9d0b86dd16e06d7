// Starts a PostgreSQL for a script, prints its URL, and removes it with its data on SIGTERM. Run `npm run build` before.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { startEmbeddedPostgres } from '../dist/src/embedded-postgres/embedded-postgres.js';

const terminated = once(process, 'SIGTERM');
// Keeps the process running: nothing else may.
const alive = setInterval(() => {}, 60_000);
const dataDir = await mkdtemp(join(tmpdir(), 'scheduler-throwaway-'));
const postgres = await startEmbeddedPostgres({ dataDir, log: pino({ level: 'silent' }) });
console.log(postgres.url);
await terminated;
await postgres.stop();
await rm(dataDir, { recursive: true });
clearInterval(alive);
