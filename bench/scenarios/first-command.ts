import { setTimeout as sleep } from 'node:timers/promises';
import { sendHttp } from '../harness/load.js';
import { withDatabase, withSubject } from '../harness/measure.js';
import { atMost, type Bench, median, type Row, type Scenario } from '../harness/scenario.js';
import { projected, seed } from '../harness/seed.js';
import { service } from '../harness/subjects.js';
import { count } from '../harness/truth.js';
import { bodyOf, wantedSession } from '../load/requests.js';

const SNAPSHOT_LIMIT = 60_000;

/** The first booking for a coach after a start, when its past must be read. */
export const firstCommand: Scenario = {
  name: 'first-command',
  title: 'the first booking for a coach after a restart',

  async run(bench) {
    const { quick, rounds } = bench.options;
    const pasts = [quick ? 10_000 : 100_000, 1_000];
    const each = quick ? 2 : 5;
    // Coach 0 has a long past, coach 1 a short one, coach 2 a long one, and so on.
    const coaches = Array.from({ length: 2 * each }, (_, nr) => ({
      coachHashId: `coach-${nr}`,
      sessions: pasts[nr % 2]!,
    }));
    return withDatabase(bench, async (url) => {
      await seed(url, coaches);
      await withSubject(bench, service, url, async ({ httpUrl }) => {
        await projected(url);
        await untilSnapshots(url, httpUrl, coaches.length, each);
      });

      const times: [long: number[], short: number[]] = [[], []];
      for (let round = 0; round < rounds; round += 1) {
        const inRound = await timesAfterStart(bench, url, coaches.length, (round + 1) * coaches.length);
        for (const [nr, time] of inRound.entries()) times[nr % 2]!.push(time);
        bench.tell(`  round ${round + 1}  ${inRound.map((time) => time.toFixed(1)).join(', ')} ms`);
      }
      const [long, short] = times.map((all, nr) => rowFor(pasts[nr]!, all)) as [Row, Row];
      return {
        unit: 'bookings',
        rows: [long, short],
        goals: [atMost(3, `${long.subject}: {} ${short.subject}`, long.p50!, short.p50!)],
      };
    });
  },
};

/** How long the first booking of each coach takes after a start, in milliseconds. */
async function timesAfterStart(bench: Bench, url: string, coaches: number, first: number): Promise<number[]> {
  return withSubject(bench, service, url, async ({ httpUrl }) => {
    // Slots of other coaches, so that no subject is measured while it compiles its code.
    const warmUp = { kind: 'crowd', first: first * 1_000_000, coaches: 1, rivals: 1 } as const;
    await sendHttp({ url: httpUrl, connections: 8, seconds: bench.options.warmUp, requests: warmUp });
    const times: number[] = [];
    for (let nr = 0; nr < coaches; nr += 1) {
      const started = performance.now();
      const { status, answer } = await book(httpUrl, coaches, first + nr);
      times.push(performance.now() - started);
      if (status !== 201) throw new Error(`answered ${status}: ${answer}`);
    }
    return times;
  });
}

/** Books for each coach until those with a long past have a snapshot: the first command of each may take too long. */
async function untilSnapshots(url: string, httpUrl: string, coaches: number, wanted: number): Promise<void> {
  const made = async () => count(url, 'select count(*) as n from read_model.snapshots');
  for (let nr = 0; nr < coaches; nr += 1) await book(httpUrl, coaches, nr);
  for (const started = performance.now(); (await made()) < wanted; await sleep(100)) {
    if (performance.now() - started > SNAPSHOT_LIMIT) throw new Error('the service made no snapshots');
  }
}

async function book(httpUrl: string, coaches: number, nr: number): Promise<{ status: number; answer: string }> {
  const response = await fetch(`${httpUrl}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: bodyOf(wantedSession({ kind: 'book', first: 0, coaches }, nr)),
  });
  return { status: response.status, answer: await response.text() };
}

function rowFor(events: number, times: readonly number[]): Row {
  const middle = median(times);
  return {
    subject: `service, ${events.toLocaleString('en')} events`,
    perSecond: 1000 / middle,
    p50: middle,
    p99: Math.max(...times),
    note: 'one at a time; under p99 the longest',
  };
}
