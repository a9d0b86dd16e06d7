// Starts a PostgreSQL for a script, prints its URL and waits for SIGTERM, then removes it with its data. Needs `npm run build` before.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { startEmbeddedPostgres } from '../dist/src/embedded-postgres/embedded-postgres.js';

const told = once(process, 'SIGTERM');
// Nothing else may keep the process waiting.
const alive = setInterval(() => {}, 60_000);
const dataDir = await mkdtemp(join(tmpdir(), 'scheduler-throwaway-'));
const postgres = await startEmbeddedPostgres({ dataDir, log: pino({ level: 'silent' }) });
console.log(postgres.url);
await told;
await postgres.stop();
await rm(dataDir, { recursive: true });
clearInterval(alive);
