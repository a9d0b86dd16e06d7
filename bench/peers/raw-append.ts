/**
 * A limit: rows of the size of events, appended straight to Postgres by one connection, so many in a statement and each
 * statement a commit. Nothing is decided, checked or answered. Prints a `LoadResult` whose requests are rows.
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createLatencies } from '../load/latencies.js';
import type { LoadResult } from '../load/load-result.js';

const [databaseUrl, batchSize, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];

const TABLE = `
  create table raw_events (
    position bigint primary key, stream text collate "C" not null, revision bigint not null, id uuid not null,
    type text not null, data jsonb not null, metadata jsonb not null,
    recorded_at timestamptz not null default clock_timestamp(), unique (stream, revision)
  )`;

const client = new pg.Client({ connectionString: databaseUrl });
await client.connect();
await client.query(TABLE);

const latencies = createLatencies();
const started = performance.now();
let position = 0;
while (performance.now() - started < seconds * 1000) {
  const began = performance.now();
  const rows = Array.from({ length: batchSize }, (_, index) => row(position + index + 1));
  await client.query({
    name: 'append',
    text: `
      insert into raw_events (position, stream, revision, id, type, data, metadata)
      select * from json_to_recordset($1)
        as r(position bigint, stream text, revision bigint, id uuid, type text, data jsonb, metadata jsonb)`,
    values: [JSON.stringify(rows)],
  });
  position += batchSize;
  for (let index = 0; index < batchSize; index += 1) latencies.add(performance.now() - began);
}

function row(at: number) {
  const coach = at % 1_000;
  return {
    position: at,
    stream: `coach-coach-${coach}`,
    revision: Math.floor(at / 1_000),
    id: randomUUID(),
    type: 'aceup.scheduler.v1.SessionScheduled',
    data: {
      sessionId: randomUUID(),
      coachHashId: `coach-${coach}`,
      clientHashId: `client-${at % 10_007}`,
      start: '2030-01-01T00:00:00Z',
      duration: 30,
      scheduledAt: '2029-12-31T00:00:00.123Z',
    },
    metadata: { correlationId: randomUUID() },
  };
}

const { user, system } = process.cpuUsage();
const result: LoadResult = {
  requests: latencies.count,
  seconds: (performance.now() - started) / 1000,
  p50: latencies.percentile(0.5),
  p99: latencies.percentile(0.99),
  statuses: { rows: latencies.count },
  surprises: [],
  cpuSeconds: (user + system) / 1e6,
};
await client.end();
console.log(JSON.stringify(result));
