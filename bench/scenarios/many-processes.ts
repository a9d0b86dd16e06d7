import { sendCounted } from '../harness/load.js';
import { type Measured, measure, withDatabase } from '../harness/measure.js';
import {
  type AppendCalls,
  countAppendCalls,
  IN_TURNS,
  ONE,
  ROUTED,
  type Setup,
  together,
  withCountingPostgres,
  withProcesses,
} from '../harness/processes.js';
import {
  atLeast,
  atMost,
  type Bench,
  holds,
  processorMs,
  type Row,
  rowOf,
  type Scenario,
} from '../harness/scenario.js';
import { service } from '../harness/subjects.js';
import { checkBookings } from '../harness/truth.js';

const CONNECTIONS = 32;
const COACHES = 1_000;
const CLIENTS = 5_000;

/** Few clients go from one coach to the next: what routes coaches cannot keep a client with one process. */
const WANDERING: Setup = { name: 'service, 2, routed, wandering clients', processes: 2, by: 'coach' };

/** One process against two and four on one store, with requests routed by coach and without. */
export const manyProcesses: Scenario = {
  name: 'many-processes',
  title: `free slots booked by several service processes on one store, ${CONNECTIONS} connections to each`,

  run: (given) =>
    withCountingPostgres(given, async (bench) => {
      const setups = [ONE, ...ROUTED, ...IN_TURNS, WANDERING];
      const rounds = new Map<Setup, Round[]>(setups.map((setup) => [setup, []]));
      for (let nr = 1; nr <= bench.options.rounds; nr += 1) {
        for (const setup of setups) {
          const result = await round(bench, setup);
          const { requests, seconds } = result.measured.load;
          bench.tell(`  round ${nr}  ${setup.name}: ${Math.round(requests / seconds)}/s, ${noteOn([result])}`);
          rounds.get(setup)!.push(result);
        }
      }

      const all = [...rounds.values()].flat();
      const errors = all.reduce((total, { measured: { load } }) => total + load.requests - accepted(load), 0);
      const conflicts = ROUTED.flatMap((setup) => rounds.get(setup)!).map(({ appends }) => appends.withConflicts);
      const row = (setup: Setup) => {
        const measured = rounds.get(setup)!;
        return rowOf(
          setup.name,
          measured.map((each) => each.measured),
          noteOn(measured),
        );
      };
      const one = row(ONE);
      return {
        unit: 'bookings',
        rows: setups.map(row),
        goals: [
          holds('no error reaches a caller', errors === 0, `${errors} errors`),
          holds(
            'routed by coach: no conflicts',
            conflicts.every((many) => many === 0),
            conflicts.join(', '),
          ),
          atLeast(1, row(ROUTED[0]!), one),
          ...ROUTED.map(row).map((several) => atMost(1.1, costText(several), processorMs(several), processorMs(one))),
        ],
      };
    }),
};

interface Round {
  readonly measured: Measured;
  readonly appends: AppendCalls;
}

function costText({ subject }: Row): string {
  return `processor time a booking, with Postgres: ${subject} {} that of one`;
}

async function round(bench: Bench, setup: Setup): Promise<Round> {
  const { warmUp, seconds } = bench.options;
  const { processes, by } = setup;
  const loyal = setup !== WANDERING;
  return withDatabase(bench, (url) =>
    withProcesses(bench, service, url, processes, async (running) => {
      // The second load is for the slots of another year: nobody knows how far the first one came.
      const send = async (yearsLater: number, time: number) =>
        together(
          await Promise.all(
            running.map(({ httpUrl }, process) =>
              sendCounted({
                url: httpUrl,
                connections: CONNECTIONS,
                seconds: time,
                requests: {
                  kind: 'book',
                  first: 0,
                  coaches: COACHES,
                  clients: loyal ? CLIENTS : COACHES,
                  loyal,
                  yearsLater,
                  share: { process, of: processes, by },
                },
              }),
            ),
          ),
        );
      // Each process compiles its code, for which it gets a part of the cores only.
      await send(0, warmUp * processes);
      const pids = running.map(({ pid }) => pid);
      const measured = await measure(bench, pids, () => send(1, seconds));
      await checkBookings(url, service.keeps!, accepted(measured.load));
      return { measured, appends: await countAppendCalls(url) };
    }),
  );
}

function accepted({ statuses }: Measured['load']): number {
  return statuses['201'] ?? 0;
}

/** The conflicts and the first surprise. */
function noteOn(rounds: readonly Round[]): string {
  const told = rounds.flatMap(({ measured }) => measured.load.surprises)[0];
  const sum = (value: (appends: AppendCalls) => number) =>
    rounds.reduce((total, { appends }) => total + value(appends), 0);
  const [conflicts, calls] = [sum(({ withConflicts }) => withConflicts), sum((appends) => appends.calls)];
  const text = `conflicts in ${conflicts.toLocaleString('en')} of ${calls.toLocaleString('en')} calls to append`;
  return told ? `${text}; ${told.split('\r\n').at(-1)?.slice(0, 200)}` : text;
}
