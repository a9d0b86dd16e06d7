/**
 * Books at a rate, while watchers follow over server-sent events. A program of its own: the job is its argument, as JSON,
 * and the `WatchResult` goes to standard output. One process books and watches, so that one clock measures both.
 */
import { Agent, get, request } from 'node:http';
import { createLatencies, type Latencies } from './latencies.js';
import type { LoadResult } from './load-result.js';
import { bodyOf, type Requests, wantedSession } from './requests.js';

/** What to do. */
export interface WatchJob {
  readonly url: string;
  readonly seconds: number;
  /** Bookings a second, evenly. */
  readonly rate: number;
  readonly connections: number;
  /** Watchers of one coach each, of the coaches in turn. */
  readonly ofCoaches: number;
  /** Watchers of everything. */
  readonly ofAll: number;
  readonly requests: Requests;
}

/** What was measured: the bookings, and the watchers' times from the acknowledgement of a booking on. */
export interface WatchResult {
  readonly load: LoadResult;
  readonly told: { readonly count: number; readonly expected: number; readonly p50: number; readonly p99: number };
}

const ID = /"session":\{"id":"([^"]+)"/g;

/** Milliseconds that the last changes may take. */
const PATIENCE = 5_000;

async function run(job: WatchJob): Promise<WatchResult> {
  const acknowledged = new Map<string, number>();
  const arrived: { id: string; at: number }[] = [];
  const watchers = [
    ...Array.from({ length: job.ofCoaches }, (_, n) => `?coach_hash_id=coach-${n % job.requests.coaches}`),
    ...Array.from({ length: job.ofAll }, () => ''),
  ];
  for (const query of watchers)
    await watch(`${job.url}/api/v1/sessions:watch${query}`, (id, at) => arrived.push({ id, at }));

  const usedBefore = process.cpuUsage();
  const latencies = createLatencies();
  const started = performance.now();
  await book(job, acknowledged, latencies);
  const seconds = (performance.now() - started) / 1_000;
  const used = process.cpuUsage(usedBefore);

  const ofEach = Math.floor(job.ofCoaches / job.requests.coaches);
  const expected = acknowledged.size * (job.ofAll + ofEach);
  for (const end = performance.now() + PATIENCE; arrived.length < expected && performance.now() < end; ) await turn();
  const told = createLatencies();
  for (const { id, at } of arrived) told.add(Math.max(0, at - (acknowledged.get(id) ?? at)));
  return {
    load: {
      requests: acknowledged.size,
      seconds,
      p50: latencies.percentile(0.5),
      p99: latencies.percentile(0.99),
      statuses: { 201: acknowledged.size },
      surprises: [],
      cpuSeconds: (used.user + used.system) / 1e6,
    },
    told: { count: told.count, expected, p50: told.percentile(0.5), p99: told.percentile(0.99) },
  };
}

/** Resolves once the stream has begun. */
function watch(url: string, onChange: (id: string, at: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`${url} answered ${answer.statusCode}`));
      let rest = '';
      answer.setEncoding('latin1').on('data', (chunk: string) => {
        const at = performance.now();
        rest += chunk;
        const end = rest.lastIndexOf('\n\n');
        for (const [, id] of rest.slice(0, end + 1).matchAll(ID)) onChange(id!, at);
        rest = rest.slice(end + 1);
        if (chunk.includes('id: ')) resolve();
      });
    }).on('error', reject);
  });
}

async function book(
  { url, seconds, rate, connections, requests }: WatchJob,
  acknowledged: Map<string, number>,
  latencies: Latencies,
) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const started = performance.now();
  const answers: Promise<void>[] = [];
  for (let sent = 0; sent < rate * seconds; ) {
    const due = Math.min(rate * seconds, Math.floor(((performance.now() - started) / 1_000) * rate));
    for (; sent < due; sent += 1) {
      const began = started + (sent / rate) * 1_000;
      const body = bodyOf(wantedSession(requests, requests.first + sent));
      answers.push(
        post(agent, `${url}/api/v1/sessions`, body).then((id) => {
          const now = performance.now();
          acknowledged.set(id, now);
          latencies.add(now - began);
        }),
      );
    }
    await turn();
  }
  await Promise.all(answers);
  agent.destroy();
}

/** Sends a booking, and answers the id of the session. */
function post(agent: Agent, url: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      let text = '';
      answer.setEncoding('latin1').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => {
        const id = /"id":"([^"]+)"/.exec(text)?.[1];
        if (answer.statusCode === 201 && id) resolve(id);
        else reject(new Error(`${answer.statusCode} ${text}`));
      });
    });
    sent.on('error', reject).end(body);
  });
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

const result = await run(JSON.parse(process.argv[2]!) as WatchJob);
process.stdout.write(JSON.stringify(result), () => process.exit());
