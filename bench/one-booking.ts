/**
 * Counts what one booking over REST takes, from the socket to the append of its coach's event: the files of the service
 * that run, awaits, promises, and how often an event is folded into a state. Coach and client are in memory, as they
 * are for all but a first booking. Another service on the same database writes the read model: what follows the log is
 * not counted. Of several bookings the leanest is told: during the others, something ran in the background.
 *
 * node dist/bench/one-booking.js
 */
import { createHook } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { type Profiler, Session } from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { readConfig } from '../src/config/config.js';
import { runningDatabaseUrl } from '../src/embedded-postgres/embedded-postgres.js';
import { createLog } from '../src/log.js';
import { startService } from '../src/main.js';

const ROOT = new URL('..', import.meta.url).href;
const BOOKINGS_BEFORE = 30;
const BOOKINGS_COUNTED = 50;
/** A booking appends a reservation to its client's stream first, and then the session to its coach's. */
const APPENDS = 2;

const inspector = new Session();
inspector.connect();

/** The calls and blocks that have run since the last time. Profiler commands on the own thread answer at once. */
function takeCoverage(): Profiler.ScriptCoverage[] {
  let taken: Profiler.ScriptCoverage[] = [];
  inspector.post('Profiler.takePreciseCoverage', (error, answer) => {
    if (error) throw error;
    taken = answer.result;
  });
  return taken;
}

let promises = 0;
const promiseHook = createHook({
  init: (_id, type) => {
    if (type === 'PROMISE') promises += 1;
  },
});

/** Stops counting when the last append of a booking is about to be sent. */
function atLastAppend(stop: () => void): () => void {
  const { query } = pg.Client.prototype;
  let appends = 0;
  pg.Client.prototype.query = function counted(this: pg.Client, ...args: unknown[]) {
    const [given] = args as [string | pg.QueryConfig];
    const text = typeof given === 'string' ? given : given.text;
    if (text?.includes('event_store.append')) {
      appends += 1;
      if (appends === APPENDS) stop();
    }
    return Reflect.apply(query, this, args);
  } as typeof query;
  return () => {
    pg.Client.prototype.query = query;
  };
}

/** Books without promises of its own: they would be counted. */
function book(url: string, nr: number): Promise<void> {
  const start = new Date(Date.UTC(2031, 0, 1) + nr * 3_600_000).toISOString();
  const session = { coach_hash_id: 'carol', client_hash_id: 'chris', start, duration: 60 };
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(`${url}/api/v1/sessions`, { method: 'POST', headers }, (answer) => {
      answer.resume();
      answer.on('end', () =>
        answer.statusCode === 201 ? resolve() : reject(new Error(`status ${answer.statusCode}`)),
      );
    });
    sent.on('error', reject);
    sent.end(JSON.stringify({ session }));
  });
}

/** What ran for a booking. */
interface Counted {
  /** Of the service, in the order in which they were loaded. */
  readonly files: readonly string[];
  readonly awaits: number;
  readonly promises: number;
  /** How often each function that folds an event into a state ran. */
  readonly folds: ReadonlyMap<string, number>;
}

function countedIn(coverage: readonly Profiler.ScriptCoverage[]): Counted {
  const folds = new Map<string, number>();
  let awaits = 0;
  const files = coverage
    .filter(({ url }) => url.startsWith(ROOT) && !url.includes('/bench/'))
    .filter(({ functions }) => functions.some(({ ranges }) => ranges[0]!.count > 0));
  for (const { url, functions } of files) {
    for (const { functionName: name, ranges } of functions) {
      if (name.startsWith('evolveC')) folds.set(name, (folds.get(name) ?? 0) + ranges[0]!.count);
    }
    awaits += awaitsIn(
      readFileSync(fileURLToPath(url), 'utf8'),
      functions.flatMap(({ ranges }) => ranges),
    );
  }
  const names = files.map(({ url }) => url.slice(ROOT.length).replace(/\.js$/, '.ts'));
  return { files: names, awaits, promises, folds };
}

/** Books, and counts up to the last append. */
async function countOne(url: string, nr: number): Promise<Counted> {
  let coverage: Profiler.ScriptCoverage[] = [];
  const restore = atLastAppend(() => {
    promiseHook.disable();
    coverage = takeCoverage();
  });
  takeCoverage();
  promises = 0;
  promiseHook.enable();
  await book(url, nr);
  promiseHook.disable();
  restore();
  return countedIn(coverage);
}

function report({ files, awaits, promises, folds }: Counted): void {
  for (const file of files) console.log(file);
  const folded = [...folds].map(([name, count]) => `${name} ${count}`).join(', ');
  console.log(`\n${files.length} files, ${awaits} awaits, ${promises} promises; events folded: ${folded}`);
}

/** How often an await was reached: as often as the smallest block around it ran. */
function awaitsIn(source: string, ranges: readonly Profiler.CoverageRange[]): number {
  let count = 0;
  for (const { index } of source.matchAll(/\bawait\b/g)) {
    const around = ranges.filter(({ startOffset, endOffset }) => startOffset <= index && index < endOffset);
    const [smallest] = around.sort((a, b) => a.endOffset - a.startOffset - (b.endOffset - b.startOffset));
    count += smallest?.count ?? 0;
  }
  return count;
}

const dataDir = await mkdtemp(join(tmpdir(), 'one-booking-'));
const never = new AbortController().signal;

function start(settings: Record<string, string>) {
  const config = readConfig({ PORT: '0', GRPC_PORT: '0', LOG_LEVEL: 'silent', ...settings });
  return startService(config, createLog(config), never);
}

const follower = await start({ DATA_DIR: dataDir });
const service = await start({ EVENT_STORE_URL: await runningDatabaseUrl(dataDir, never) });
try {
  for (let nr = 0; nr < BOOKINGS_BEFORE; nr += 1) await book(service.httpUrl, nr);
  // Until the read model has caught up, which would run meanwhile.
  await fetch(`${service.httpUrl}/api/v1/sessions?coach_hash_id=carol`);

  inspector.post('Profiler.enable');
  inspector.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const counted: Counted[] = [];
  for (let nr = 0; nr < BOOKINGS_COUNTED; nr += 1) counted.push(await countOne(service.httpUrl, BOOKINGS_BEFORE + nr));
  report(counted.reduce((one, other) => (other.awaits < one.awaits ? other : one)));
} finally {
  await service.stop();
  await follower.stop();
  await rm(dataDir, { recursive: true, force: true });
}
process.exit(0);
