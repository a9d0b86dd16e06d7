import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { GrpcJob } from '../load/grpc-load.js';
import type { HttpJob } from '../load/http-load.js';
import type { LoadResult } from '../load/load-result.js';
import { clientsOf } from '../load/requests.js';
import type { WatchJob, WatchResult } from '../load/watch-load.js';
import { ROOT } from './subject.js';
import { watchUsage } from './usage.js';

/**
 * Which generator sends plain HTTP load: wrk, which takes the least from the program that is measured, or the one in
 * load/.
 */
export const HTTP_GENERATOR = spawnSync('wrk', ['--version']).error ? 'bench/load/http-load.ts' : 'wrk';

/** Sends HTTP requests for a time, as fast as they are answered. */
export function sendHttp(job: Omit<HttpJob, 'count' | 'rate'>): Promise<LoadResult> {
  return HTTP_GENERATOR === 'wrk' ? runWrk(job) : sendCounted(job);
}

/**
 * Sends HTTP requests with our own generator, which counts each answer by its status and can keep a rate.
 * @param done ends the load when it is settled, if that is sooner
 */
export async function sendCounted(job: HttpJob, done?: Promise<unknown>): Promise<LoadResult> {
  const args = ['dist/bench/load/http-load.js', JSON.stringify(job)];
  return JSON.parse((await run(process.execPath, args, done)).output);
}

/** Books over REST at a rate, while others watch. */
export async function sendWatched(job: WatchJob): Promise<WatchResult> {
  return JSON.parse((await run(process.execPath, ['dist/bench/load/watch-load.js', JSON.stringify(job)])).output);
}

/** Books over gRPC. */
export async function sendGrpc(job: GrpcJob): Promise<LoadResult> {
  return JSON.parse((await run(process.execPath, ['dist/bench/load/grpc-load.js', JSON.stringify(job)])).output);
}

/** Appends rows straight to Postgres, see peers/raw-append.ts. */
export async function appendRaw(databaseUrl: string, batchSize: number, seconds: number): Promise<LoadResult> {
  const args = ['dist/bench/peers/raw-append.js', databaseUrl, String(batchSize), String(seconds)];
  return JSON.parse((await run(process.execPath, args)).output);
}

/** What several loads counted together. Their times are for the caller to combine. */
export function totalOf(
  loads: readonly LoadResult[],
): Pick<LoadResult, 'requests' | 'statuses' | 'surprises' | 'cpuSeconds'> {
  const statuses: Record<string, number> = {};
  for (const load of loads) {
    for (const [status, times] of Object.entries(load.statuses)) statuses[status] = (statuses[status] ?? 0) + times;
  }
  return {
    requests: loads.reduce((total, { requests }) => total + requests, 0),
    statuses,
    surprises: loads.flatMap(({ surprises }) => surprises),
    cpuSeconds: loads.reduce((total, { cpuSeconds }) => total + cpuSeconds, 0),
  };
}

async function runWrk({ url, connections, seconds, requests }: Omit<HttpJob, 'count' | 'rate'>): Promise<LoadResult> {
  const { kind, first, coaches, rivals = 1, idsFile } = requests;
  const { output, cpuSeconds } = await run('wrk', [
    '--threads=1',
    `--connections=${connections}`,
    `--duration=${seconds}s`,
    `--script=${join(ROOT, 'bench/load/requests.lua')}`,
    url,
    '--',
    kind,
    String(first),
    String(coaches),
    String(clientsOf(requests)),
    String(rivals),
    ...(idsFile ? [idsFile] : []),
  ]);
  const { failed, broken, ...told } = JSON.parse(output.trim().split('\n').at(-1)!) as WrkSummary;
  return {
    ...told,
    statuses: { '2xx': told.requests - failed, ...(failed && { '4xx/5xx': failed }) },
    surprises: broken > 0 ? [`${broken} requests had no answer`] : [],
    cpuSeconds,
  };
}

interface WrkSummary extends Pick<LoadResult, 'requests' | 'seconds' | 'p50' | 'p99'> {
  readonly failed: number;
  readonly broken: number;
}

/** Runs a program to its end, for which it is asked when `done` is settled. */
async function run(
  file: string,
  args: readonly string[],
  done?: Promise<unknown>,
): Promise<{ output: string; cpuSeconds: number }> {
  const child = spawn(file, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  done?.catch(() => {}).finally(() => child.kill('SIGTERM'));
  const usage = watchUsage(child.pid!);
  let output = '';
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${file} ended with ${code}: ${said}${output}`);
  return { output, cpuSeconds: usage().cpuSeconds };
}
