import { sendCounted } from '../harness/load.js';
import { type Measured, measure, withDatabase, withSubject } from '../harness/measure.js';
import { atLeast, type Bench, holds, rowOf, type Scenario } from '../harness/scenario.js';
import type { Running } from '../harness/subject.js';
import { service } from '../harness/subjects.js';
import { checkBookings } from '../harness/truth.js';
import type { LoadResult } from '../load/load-result.js';
import { firstAfter } from '../load/requests.js';

const CONNECTIONS = 32;
const COACHES = 1_000;

/** The coaches and clients that two processes book for. */
interface Spread {
  readonly ownCoaches: boolean;
  readonly ownClients: boolean;
}

const SPREAD: Spread = { ownCoaches: true, ownClients: true };
const SAME_CLIENTS: Spread = { ownCoaches: true, ownClients: false };
const SAME: Spread = { ownCoaches: false, ownClients: false };

/** One process against two on one store: for coaches and clients of their own, the same clients, the same coaches too. */
export const twoProcesses: Scenario = {
  name: 'two-processes',
  title: 'two service processes on one store, 32 connections to each',

  async run(bench) {
    const single: Measured[] = [];
    const own: Measured[] = [];
    const sameClients: Measured[] = [];
    const same: Measured[] = [];
    for (let nr = 1; nr <= bench.options.rounds; nr += 1) {
      single.push(await round(bench, 1, SPREAD));
      own.push(await round(bench, 2, SPREAD));
      sameClients.push(await round(bench, 2, SAME_CLIENTS));
      same.push(await round(bench, 2, SAME));
      const rates = [single, own, sameClients, same].map((all) => rateOf(all.at(-1)!));
      bench.tell(`  round ${nr}  one: ${rates[0]}/s, two: ${rates[1]}/s`);
      bench.tell(`  round ${nr}  two for the same clients: ${rates[2]}/s, for the same coaches too: ${rates[3]}/s`);
    }
    const one = rowOf('service, one process', single);
    const two = rowOf('service, two, spread', own);
    const errors = [...own, ...sameClients, ...same].reduce((total, { load }) => total + others(load), 0);
    return {
      unit: 'bookings',
      rows: [
        one,
        two,
        rowOf('service, two, same clients', sameClients, tellOthers(sameClients)),
        rowOf('service, two, same coaches', same, tellOthers(same)),
      ],
      goals: [holds('no error reaches a caller', errors === 0, `${errors} errors`), atLeast(1.3, two, one)],
    };
  },
};

async function round(bench: Bench, processes: 1 | 2, { ownCoaches, ownClients }: Spread): Promise<Measured> {
  const { warmUp, seconds } = bench.options;
  return withDatabase(bench, (url) =>
    withServices(bench, url, processes, async (running) => {
      // They never want the same slot: they book for different years.
      const send = (first: number, time: number) =>
        Promise.all(
          running.map(({ httpUrl }, nr) =>
            sendCounted({
              url: httpUrl,
              connections: CONNECTIONS,
              seconds: time,
              requests: {
                kind: 'book',
                first,
                coaches: COACHES,
                yearsLater: nr,
                ...(ownCoaches && { prefix: `p${nr}-` }),
                ...(ownClients && { clientPrefix: `p${nr}-` }),
              },
            }),
          ),
        );
      const warm = Math.max(...(await send(0, warmUp)).map(({ requests }) => requests));
      const pids = running.map(({ pid }) => pid);
      const measured = await measure(bench, pids, async () => together(await send(firstAfter(warm, COACHES), seconds)));
      await checkBookings(url, service.keeps!, measured.load.statuses['201'] ?? 0);
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

function rateOf({ load }: Measured): number {
  return Math.round(load.requests / load.seconds);
}

function others({ statuses, requests }: LoadResult): number {
  return requests - (statuses['201'] ?? 0);
}

function tellOthers(rounds: readonly Measured[]): string {
  const told = rounds.flatMap(({ load }) => load.surprises);
  return told[0]?.split('\r\n').at(-1)?.slice(0, 200) ?? '';
}
