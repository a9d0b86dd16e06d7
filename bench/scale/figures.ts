/**
 * What docs/scale.md is computed from: medians of the benchmark's full run, with the rule for clients, and prices.
 * Change them here after a run, then `npm run bench:scale`.
 */
export const FIGURES = {
  /** When the benchmark ran, and on what: the first lines of its report. */
  measured: '2026-11-26, medians of three rounds on 2 cores of an AMD EPYC that also ran the load generator',

  /** Milliseconds of processor time a booking (book-rest: service). */
  serviceMs: 0.109,
  postgresMs: 0.058,
  /** The same when coach and client must be read first (memory). */
  coldServiceMs: 0.149,
  coldPostgresMs: 0.113,
  /** Conflicts for each booking of two processes that take turns (many-processes). */
  conflictsInTurns: 0.13,
  /** Milliseconds of processor time a booking, service and Postgres, of two processes: in turns, and routed by coach. */
  inTurnsMs: 0.386,
  routedMs: 0.165,

  /** For each booking at full speed (footprint), and how many bookings a second that was. */
  walBytes: 2_279,
  tableBytes: 1_759,
  pages: 0.22,
  busySyncs: 0.1,
  busyRate: 7_341,
  /** Syncs for each booking when few are made, and how many a second (footprint). */
  quietSyncs: 2.19,
  quietRate: 200,
  /** Events a second that one Postgres appends with nothing else to do (book-rest: raw append); two make a booking. */
  rawAppends: 43_102,
  eventsForABooking: 2,

  /** How much of a core to plan with: the rest is for peaks within a minute. */
  usableCore: 0.6,
  /** How much more is booked in the busiest hour than on average. */
  peak: 5,

  /** Dollars a month: common prices of cloud providers, rounded. Put your own here. */
  dollars: {
    core: 30,
    /** Of SSD, a GB. */
    gigabyte: 0.1,
    /** An operation a second beyond those that come with the disk. */
    iops: 0.005,
    freeIops: 3_000,
  },
} as const;
