import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { sessions } from '../../projections/sessions-projection.js';
import { sendCounted } from '../harness/load.js';
import { withDatabase, withSubject } from '../harness/measure.js';
import { ask } from '../harness/postgres.js';
import { atLeast, atMost, type Bench, median, type Row, type Scenario } from '../harness/scenario.js';
import { manyCoaches, projected, seed } from '../harness/seed.js';
import { ROOT } from '../harness/subject.js';
import { service } from '../harness/subjects.js';
import { checkAnswers, checkBookings, count } from '../harness/truth.js';
import type { LoadResult } from '../load/load-result.js';

/** Bookings a second while the rebuild goes on: a service at work, not one at its limit. */
const LIVE_RATE = 200;
/** Seconds that a rebuild may take beside the service. */
const LONGEST = 300;
/** Few enough coaches that all are in memory at the start: then the figures show the rebuild only. */
const LIVE_COACHES = 200;

/**
 * Makes the read model anew, alone and beside a service at work, against COPY of the same rows of all its tables with
 * the same indexes.
 */
export const rebuild: Scenario = {
  name: 'rebuild',
  title: 'rebuild the sessions projection from the log',

  async run(bench) {
    const events = bench.options.quick ? 40_000 : 1_000_000;
    return withDatabase(bench, async (url) => {
      const seeded = performance.now();
      await seed(url, manyCoaches(1_000, events / 1_000));
      bench.tell(`  ${events} events written in ${((performance.now() - seeded) / 1000).toFixed(1)} s`);
      await withSubject(bench, service, url, () => projected(url));

      const alone: number[] = [];
      const copied: number[] = [];
      for (let nr = 1; nr <= Math.min(2, bench.options.rounds); nr += 1) {
        alone.push(await rebuildOnce(url));
        copied.push(await copyOnce(url));
        bench.tell(`  round ${nr}  rebuild ${alone.at(-1)!.toFixed(1)} s, COPY ${copied.at(-1)!.toFixed(1)} s`);
      }
      const [before, during, beside] = await besideService(bench, url);

      const row = (subject: string, seconds: number, note?: string): Row => ({
        subject,
        perSecond: events / seconds,
        ...(note && { note }),
      });
      const own = row('service, nothing else to do', median(alone));
      const copy = { ...row('COPY, then indexes', median(copied), 'the same rows of all tables'), isLimit: true };
      return {
        unit: 'events',
        rows: [
          own,
          copy,
          row(
            `service, beside ${LIVE_RATE} bookings/s`,
            beside,
            `p99 of the bookings ${before.p99.toFixed(1)} ms before, ${during.p99.toFixed(1)} ms meanwhile`,
          ),
        ],
        goals: [
          atLeast(0.6, own, copy),
          atMost(2, 'p99 of bookings meanwhile: {} that before', during.p99, before.p99),
        ],
        checked: 'the rebuilt table has every session, no double booking',
      };
    });
  },
};

/** Seconds that a rebuild takes, from the command line as an operator would start it. */
export async function rebuildOnce(url: string): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, ['dist/src/cli.js', 'rebuild', 'sessions'], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', EVENT_STORE_URL: url, LOG_FORMAT: 'json' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the rebuild ended with ${code}: ${said}`);
  return (performance.now() - started) / 1000;
}

/** Seconds that Postgres needs to load the same rows from files of its own and to make the same indexes. */
async function copyOnce(url: string): Promise<number> {
  const directory = (await ask<{ data_directory: string }>(url, 'show data_directory'))[0]!.data_directory;
  const tables = sessions.tables.map(({ name }) => name);
  for (const table of tables) {
    await ask(url, `copy read_model.${table} to '${directory}/${table}.copy'`);
    await ask(url, `create table copied_${table} (like read_model.${table} including defaults)`);
  }
  const loads = tables.map((table) => `copy copied_${table} from '${directory}/${table}.copy'`);
  const indexes = await ask<{ definition: string }>(
    url,
    `select replace(
       pg_get_indexdef(indexrelid), format(' %I ON read_model.', index.relname), format(' %I ON copied_', index.relname)
     ) as definition
     from pg_index join pg_class index on index.oid = indexrelid
     where indrelid = any(select format('read_model.%I', name)::regclass from unnest($1::text[]) name)`,
    [tables],
  );
  await ask(url, 'checkpoint');

  const started = performance.now();
  await ask(url, [...loads, ...indexes.map(({ definition }) => definition)].join(';'));
  const seconds = (performance.now() - started) / 1000;
  for (const table of tables) await ask(url, `drop table copied_${table}`);
  return seconds;
}

/** A rebuild beside a service that books: the bookings before it and meanwhile, and the seconds it took. */
async function besideService(
  bench: Bench,
  url: string,
): Promise<[before: LoadResult, during: LoadResult, seconds: number]> {
  return withSubject(bench, service, url, async ({ httpUrl }) => {
    let booked = 0;
    const book = async (seconds: number, end?: Promise<unknown>) => {
      const job = {
        url: httpUrl,
        connections: 16,
        seconds,
        rate: LIVE_RATE,
        requests: { kind: 'book', first: booked, coaches: LIVE_COACHES },
      } as const;
      const load = await sendCounted(job, end);
      checkAnswers(load, /^201$/);
      booked += load.requests;
      return load;
    };
    await book(bench.options.warmUp);
    const before = await book(bench.options.quick ? 3 : 20);
    const rebuilding = rebuildOnce(url);
    const during = await book(LONGEST, rebuilding);
    const seconds = await rebuilding;
    await checkBookings(url, service.keeps!, booked);
    if (
      (await count(url, "select count(*) as n from event_store.events where stream like 'coach-%'")) !==
      (await count(url, 'select count(*) as n from read_model.sessions'))
    )
      throw new Error('the rebuilt table does not have as many sessions as were booked');
    return [before, during, seconds];
  });
}
