import { sendCounted } from '../harness/load.js';
import { type Measured, measure, withDatabase, withSubject } from '../harness/measure.js';
import { atLeast, type Bench, holds, type Row, rowOf, type Scenario } from '../harness/scenario.js';
import type { Running } from '../harness/subject.js';
import { service } from '../harness/subjects.js';
import { checkBookings } from '../harness/truth.js';
import type { LoadResult } from '../load/load-result.js';

const CONNECTIONS = 32;

/** How the coaches of the two processes relate. */
type Spread = 'own coaches' | 'same coaches';

/** One process against two on one store: with coaches of their own, and with the same coaches. */
export const twoProcesses: Scenario = {
  name: 'two-processes',
  title: 'two service processes on one store, 32 connections to each',

  async run(bench) {
    const single: Measured[] = [];
    const own: Measured[] = [];
    const same: Measured[] = [];
    for (let nr = 1; nr <= bench.options.rounds; nr += 1) {
      single.push(await round(bench, 1, 'own coaches'));
      own.push(await round(bench, 2, 'own coaches'));
      same.push(await round(bench, 2, 'same coaches'));
      const rates = [single, own, same].map((all) => Math.round(all.at(-1)!.load.requests / all.at(-1)!.load.seconds));
      bench.tell(`  round ${nr}  one: ${rates[0]}/s, two: ${rates[1]}/s, two for the same coaches: ${rates[2]}/s`);
    }
    const [one, two, shared] = [
      rowOf('service, one process', single),
      rowOf('service, two, coaches spread', own),
      rowOf('service, two, same coaches', same, tellOthers(same)),
    ] as [Row, Row, Row];
    const errors = [...own, ...same].reduce((total, { load }) => total + others(load), 0);
    return {
      unit: 'bookings',
      rows: [one, two, shared],
      goals: [
        holds('no error reaches a caller', errors === 0, `${errors} errors`),
        atLeast(1.3, 'one process, coaches spread', two.perSecond, one.perSecond),
      ],
    };
  },
};

async function round(bench: Bench, processes: 1 | 2, spread: Spread): Promise<Measured> {
  const { warmUp, seconds } = bench.options;
  return withDatabase(bench, (url) =>
    withServices(bench, url, processes, async (running) => {
      // Neither books the other's slots: the one begins where the other will not come to.
      const send = (first: number, time: number) =>
        Promise.all(
          running.map(({ httpUrl }, nr) =>
            sendCounted({
              url: httpUrl,
              connections: CONNECTIONS,
              seconds: time,
              requests: {
                kind: 'book',
                first: first + nr * 1_000_000,
                coaches: 1_000,
                ...(spread === 'own coaches' && { prefix: `p${nr}-` }),
              },
            }),
          ),
        );
      await send(0, warmUp);
      const pids = running.map(({ pid }) => pid);
      const measured = await measure(bench, pids, async () => together(await send(10_000_000, seconds)));
      await checkBookings(url, service.sessionsTable!, measured.load.statuses['201'] ?? 0);
      return measured;
    }),
  );
}

/** Starts one or two processes; the second once the first is there. */
function withServices<Result>(
  bench: Bench,
  url: string,
  processes: 1 | 2,
  work: (running: readonly Running[]) => Promise<Result>,
): Promise<Result> {
  return withSubject(bench, service, url, (first) =>
    processes === 1 ? work([first]) : withSubject(bench, service, url, (second) => work([first, second])),
  );
}

/** Several loads at the same time as one. The worse percentile stands for both. */
function together(loads: readonly LoadResult[]): LoadResult {
  const sum = (value: (load: LoadResult) => number) => loads.reduce((total, load) => total + value(load), 0);
  const statuses: Record<string, number> = {};
  for (const load of loads)
    for (const [status, many] of Object.entries(load.statuses)) statuses[status] = (statuses[status] ?? 0) + many;
  return {
    requests: sum(({ requests }) => requests),
    seconds: Math.max(...loads.map(({ seconds }) => seconds)),
    p50: Math.max(...loads.map(({ p50 }) => p50)),
    p99: Math.max(...loads.map(({ p99 }) => p99)),
    statuses,
    surprises: loads.flatMap(({ surprises }) => surprises),
    cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
  };
}

function others({ statuses, requests }: LoadResult): number {
  return requests - (statuses['201'] ?? 0);
}

function tellOthers(rounds: readonly Measured[]): string {
  const told = rounds.flatMap(({ load }) => load.surprises);
  return told[0]?.split('\r\n').at(-1)?.slice(0, 200) ?? '';
}
