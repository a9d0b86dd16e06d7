/** The tables of docs/scale.md. */
import { figure } from '../harness/figures.js';
import { table } from '../report/report.js';
import { FIGURES } from './figures.js';
import { simulate } from './simulation.js';

const SECONDS_A_DAY = 86_400;
const DAYS_A_YEAR = 365;
const GIGA = 1e9;
/** Average bookings a second. */
const LOADS = [1, 10, 100, 1_000];
const PROCESSES = [1, 10, 100, 1_000];

/** A process that is well filled. Its memory holds its own coaches, and not many more. */
const SIMULATED = { bookings: 500_000, coachesEach: 200, perSecondEach: 500, cached: 300, roundTripMs: 5 };

const { serviceMs, postgresMs, walBytes, tableBytes, dollars } = FIGURES;

/** What one booking takes. */
export function bookingTable(): string {
  return table(
    ['a booking takes', ''],
    [
      ['processor time of the service', `${figure(serviceMs)} ms`],
      ['processor time of Postgres', `${figure(postgresMs)} ms`],
      ['tables and indexes, for ever', `${figure(tableBytes)} bytes`],
      ['WAL', `${figure(walBytes)} bytes`],
      [`syncs, at ${figure(FIGURES.quietRate)} bookings a second`, figure(FIGURES.quietSyncs)],
      [`syncs, at ${figure(FIGURES.busyRate)} bookings a second`, figure(FIGURES.busySyncs)],
      ['pages of tables and indexes written', figure(FIGURES.pages)],
    ],
  );
}

/** What one process and one Postgres carry. */
export function limitsTable(): string {
  const { usableCore, rawAppends, eventsForABooking } = FIGURES;
  const row = (what: string, perSecond: number) => [
    what,
    figure(perSecond),
    figure((perSecond * SECONDS_A_DAY) / 1e6),
    figure((perSecond * SECONDS_A_DAY * DAYS_A_YEAR * tableBytes) / GIGA / 1000),
  ];
  const percent = `${100 * usableCore}%`;
  return table(
    ['limit', 'bookings a second', 'million a day', 'TB a year'],
    [
      row(`one process: one thread, ${percent} of a core`, (1000 * usableCore) / serviceMs),
      row(`Postgres with 2 cores, ${percent} of them`, (2 * 1000 * usableCore) / postgresMs),
      row(`Postgres with 8 cores, ${percent} of them`, (8 * 1000 * usableCore) / postgresMs),
      row('one log: its appends come one after the other', rawAppends / eventsForABooking),
    ],
  );
}

/** What the next table takes the parts for. */
export function pricesLine(): string {
  const { core, gigabyte, iops, freeIops } = dollars;
  return (
    `A core is taken as $${core} a month, a GB of disk as $${gigabyte.toFixed(2)}, and an operation of the disk a second as ` +
    `$${iops},\nbeyond the first ${freeIops.toLocaleString('en')}.`
  );
}

/** What loads take in a month. */
export function monthTable(): string {
  return table(
    [
      'bookings a second',
      'a day',
      'processes',
      'cores of Postgres',
      'syncs a second',
      'WAL a day',
      'data a year',
      '$ a month',
    ],
    LOADS.map((average) => {
      const busiest = average * FIGURES.peak;
      const processes = Math.max(2, Math.ceil((busiest * serviceMs) / 1000 / FIGURES.usableCore));
      const cores = Math.max(2, Math.ceil((busiest * postgresMs) / 1000 / FIGURES.usableCore));
      const syncs = syncsAt(busiest);
      const aYear = (average * SECONDS_A_DAY * DAYS_A_YEAR * tableBytes) / GIGA;
      const operations = syncs + busiest * FIGURES.pages;
      // Two copies of a year's data: the primary's and a standby's, which has as many cores.
      const cost =
        dollars.core * (processes + 2 * cores) +
        dollars.gigabyte * 2 * aYear +
        dollars.iops * 2 * Math.max(0, operations - dollars.freeIops);
      return [
        average.toLocaleString('en'),
        (average * SECONDS_A_DAY).toLocaleString('en'),
        String(processes),
        `2 × ${cores}`,
        figure(syncs),
        `${figure((average * SECONDS_A_DAY * walBytes) / GIGA)} GB`,
        `${figure(aYear)} GB`,
        figure(cost),
      ];
    }),
  );
}

/** Processes that route by coach, and such that do not. */
export function simulationTable(): string {
  const { coldServiceMs, coldPostgresMs, conflictsInTurns, inTurnsMs, routedMs } = FIGURES;
  const warmMs = serviceMs + postgresMs;
  // A cold booking reads two streams.
  const readMs = (coldServiceMs + coldPostgresMs - warmMs) / 2;
  const conflictMs = (inTurnsMs - routedMs) / conflictsInTurns;
  return table(
    [
      'processes',
      'requests go',
      'conflicts in 1,000 bookings',
      'reads',
      'most retries',
      'mean ms',
      'processor ms a booking',
    ],
    PROCESSES.flatMap((processes) =>
      (['coach', 'random'] as const).map((by) => {
        const { bookings, conflicts, coldReads, mostRetries, meanMs } = simulate({ ...SIMULATED, processes, by });
        return [
          processes.toLocaleString('en'),
          by === 'coach' ? 'by coach' : 'at random',
          figure((1000 * conflicts) / bookings),
          figure((1000 * coldReads) / bookings),
          String(mostRetries),
          meanMs.toFixed(1),
          figure(warmMs + (conflictMs * conflicts + readMs * coldReads) / bookings),
        ];
      }),
    ),
  );
}

/** Syncs a second: nearly each booking has its own when few are made, and many share one at full speed. */
function syncsAt(perSecond: number): number {
  const { quietRate, quietSyncs, busyRate, busySyncs } = FIGURES;
  const [quiet, busy] = [quietRate * quietSyncs, busyRate * busySyncs];
  if (perSecond <= quietRate) return perSecond * quietSyncs;
  if (perSecond >= busyRate) return perSecond * busySyncs;
  return quiet + ((busy - quiet) * (perSecond - quietRate)) / (busyRate - quietRate);
}
