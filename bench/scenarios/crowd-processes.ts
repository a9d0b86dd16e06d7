import { sendCounted } from '../harness/load.js';
import { type Measured, measure, withDatabase } from '../harness/measure.js';
import {
  countAppendCalls,
  IN_TURNS,
  ONE,
  ROUTED,
  type Setup,
  together,
  withCountingPostgres,
  withProcesses,
} from '../harness/processes.js';
import { atLeast, type Bench, holds, rowOf, type Scenario } from '../harness/scenario.js';
import { service } from '../harness/subjects.js';
import { checkBookings } from '../harness/truth.js';
import { createSieve, type Requests } from '../load/requests.js';

const SLOTS = 40;
/** Divisible by four: then as many come to each process. */
const RIVALS = { full: 252, quick: 52 };

/** A crowd at one coach, which routing keeps with one process and turns spread over all. */
export const crowdProcesses: Scenario = {
  name: 'crowd-processes',
  title: `${SLOTS} slots of one coach, ${RIVALS.full} rivals for each, several service processes on one store`,

  run: (given) =>
    withCountingPostgres(given, async (bench) => {
      const setups = [ONE, ...ROUTED, ...IN_TURNS];
      const rounds = new Map<Setup, Round[]>(setups.map((setup) => [setup, []]));
      for (let nr = 1; nr <= bench.options.rounds; nr += 1) {
        for (const setup of setups) {
          const result = await round(bench, setup);
          bench.tell(`  round ${nr}  ${setup.name}: ${JSON.stringify(result.measured.load.statuses)}`);
          rounds.get(setup)!.push(result);
        }
      }

      const row = (setup: Setup) => {
        const all = rounds.get(setup)!;
        const note = `conflicts in ${all.map(({ conflicts }) => conflicts).join(', ')} calls to append`;
        return rowOf(
          setup.name,
          all.map(({ measured }) => measured),
          note,
        );
      };
      const statuses = [...rounds.values()].flat().map(({ measured }) => measured.load.statuses);
      const accepted = statuses.map((each) => each['201'] ?? 0);
      const others = statuses.flatMap((each) => Object.keys(each)).filter((status) => !/^(201|409)$/.test(status));
      const routed = ROUTED.flatMap((setup) => rounds.get(setup)!).map(({ conflicts }) => conflicts);
      return {
        unit: 'answers',
        rows: setups.map(row),
        goals: [
          holds(
            `exactly ${SLOTS} accepted`,
            accepted.every((many) => many === SLOTS),
            accepted.join(', '),
          ),
          holds('no error reaches a caller', others.length === 0, others.join(', ')),
          holds(
            'routed by coach: no conflicts',
            routed.every((many) => many === 0),
            routed.join(', '),
          ),
          ...ROUTED.map((setup) => atLeast(0.9, row(setup), row(ONE))),
        ],
      };
    }),
};

interface Round {
  readonly measured: Measured;
  readonly conflicts: number;
}

async function round(bench: Bench, { processes, by }: Setup): Promise<Round> {
  const { quick, warmUp } = bench.options;
  const rivals = quick ? RIVALS.quick : RIVALS.full;
  return withDatabase(bench, (url) =>
    withProcesses(bench, service, url, processes, async (running) => {
      const warmingUp = running.map(({ httpUrl }, nr) =>
        sendCounted({
          url: httpUrl,
          connections: 8,
          seconds: warmUp * processes,
          requests: {
            kind: 'crowd',
            first: 0,
            coaches: 1,
            rivals,
            prefix: `other-${nr}-`,
            clientPrefix: `other-${nr}-`,
          },
        }),
      );
      await Promise.all(warmingUp);
      const before = await countAppendCalls(url);
      const measured = await measure(
        bench,
        running.map(({ pid }) => pid),
        async () =>
          together(
            await Promise.all(
              crowd(
                running.map(({ httpUrl }) => httpUrl),
                rivals,
                by,
              ),
            ),
          ),
      );
      await checkBookings(url, service.keeps!, measured.load.statuses['201'] ?? 0);
      return { measured, conflicts: (await countAppendCalls(url)).withConflicts - before.withConflicts };
    }),
  );
}

/** The loads for the processes that get any. */
function crowd(urls: readonly string[], rivals: number, by: Setup['by']) {
  return urls.flatMap((url, process) => {
    const requests: Requests = { kind: 'crowd', first: 0, coaches: 1, rivals, share: { process, of: urls.length, by } };
    const isOurs = createSieve(requests);
    const ours = Array.from({ length: rivals }, (_, n) => n).filter(isOurs).length;
    if (ours === 0) return [];
    return [sendCounted({ url, connections: ours, seconds: 20, count: ours * SLOTS, requests })];
  });
}
