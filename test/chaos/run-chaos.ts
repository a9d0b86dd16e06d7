import { rm } from 'node:fs/promises';
import { createRandom } from '../model/random.js';
import { doorsOf } from '../support/doors.js';
import { act } from './actor.js';
import { readLog, verify } from './afterwards.js';
import { type Caller, createCaller } from './caller.js';
import { checkLedger } from './check-ledger.js';
import { inflict, kindsFor } from './inflict.js';
import { createLedger } from './ledger.js';
import { checkNobodyIsBlocked, type Left } from './nobody-is-blocked.js';
import { type Recovery, recover } from './recovery.js';
import { type FaultKind, scheduleOf } from './schedule.js';
import { type StoreName, startWorld, type World } from './world.js';

/** What to run. */
export interface ChaosOptions {
  readonly seed: number;
  readonly faults: number;
  readonly store: StoreName;
  /** Called with lines about the progress. */
  readonly onProgress: (line: string) => void;
}

/** What came of a run. */
export interface ChaosResult {
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly leftOut: readonly string[];
  /** How often callers met what. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** After each round of faults, in milliseconds, with the kinds of its faults. */
  readonly recoveries: readonly RoundRecovery[];
  readonly left: Left;
  readonly events: number;
  readonly verdict: string;
  /** What must not be, in sentences. None: all is sound. */
  readonly violations: readonly string[];
}

/** What followed a round of faults. */
export interface RoundRecovery extends Recovery {
  /** Its number, from 0. */
  readonly round: number;
  readonly kinds: readonly FaultKind[];
}

const ACTORS = 10;
const ROUNDS_PER_REPORT = 20;

/** Lets faults happen while callers work, and checks afterwards what they were told against what there is. */
export async function runChaos({ seed, faults, store, onProgress }: ChaosOptions): Promise<ChaosResult> {
  const world = await startWorld(store);
  const { directory } = world.database;
  try {
    const result = await runIn(world, seed, faults, onProgress);
    await world.close();
    if (result.violations.length === 0) await rm(directory, { recursive: true });
    else onProgress(`the logs of the services are in ${directory}`);
    return result;
  } catch (error) {
    await world.close();
    throw error;
  }
}

async function runIn(
  world: World,
  seed: number,
  faults: number,
  onProgress: ChaosOptions['onProgress'],
): Promise<ChaosResult> {
  const violations: string[] = [];
  const outcomes = new Map<string, number>();
  const ledger = createLedger(`chaos-${seed}`);
  const doors = world.services.map((one) => doorsOf(one));
  const count = (what: string) => void outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
  const onWrong = (what: string) => void violations.push(what);
  const callerOf = (own: typeof doors, nr: number): Caller => {
    return createCaller({ doors: own.flat(), ledger, random: createRandom(seed + nr), count, onWrong });
  };

  let probes = 0;
  const probers = doors.map((own, nr) => callerOf([own], 1_000 + nr));
  /** Books a time that nobody else wants. */
  async function probe(service: number): Promise<boolean> {
    probes += 1;
    const session = { coach_hash_id: `probe${probes}`, client_hash_id: `probe${probes}`, ...ANY_TIME };
    const answer = await probers[service]!.command('scheduleSession', session.coach_hash_id, { session });
    return answer?.code === 'OK';
  }

  const start = await recover(world, probe);
  if (start.failure) throw new Error(start.failure);

  const { kinds, leftOut } = kindsFor(world);
  const working = new AbortController();
  const actors = Array.from({ length: ACTORS }, (_, nr) => {
    const parts = { caller: callerOf(doors, nr + 1), random: createRandom(seed + 100 + nr) };
    return act({ ...parts, onWrong, signal: working.signal });
  });

  const happened = new Map<FaultKind, number>();
  const recoveries: RoundRecovery[] = [];
  for (const [nr, round] of scheduleOf(seed, faults, kinds).entries()) {
    await Promise.all(round.map((fault) => inflict(world, fault)));
    for (const { kind } of round) happened.set(kind, (happened.get(kind) ?? 0) + 1);
    const recovery = { ...(await recover(world, probe)), round: nr, kinds: round.map(({ kind }) => kind) };
    recoveries.push(recovery);
    if (recovery.failure) {
      violations.push(`after ${recovery.kinds.join(' and ')}: ${recovery.failure}`);
      break;
    }
    if ((nr + 1) % ROUNDS_PER_REPORT === 0) {
      onProgress(`${sum(happened)} faults, ${ledger.entries.length} commands, ${violations.length} violations`);
    }
  }

  for (const service of world.services) service.setClock(0);
  working.abort();
  await Promise.all(actors);

  const left = await checkNobodyIsBlocked(
    await readLog(world.directEnv['EVENT_STORE_URL']!),
    callerOf(doors, 2_000),
    onWrong,
  );
  for (const own of doors) for (const door of own) door.close();
  const log = await readLog(world.directEnv['EVENT_STORE_URL']!);
  violations.push(...checkLedger(ledger, log));
  const { code, output } = await verify(world.directEnv);
  if (code !== 0) violations.push(`verify ended with exit code ${code}`);
  return {
    faults: happened,
    leftOut,
    outcomes,
    recoveries,
    left,
    events: log.length,
    verdict: output,
    violations,
  };
}

const ANY_TIME = { start: '2035-01-01T09:00:00Z', duration: 30 };

function sum(counts: ReadonlyMap<unknown, number>): number {
  return [...counts.values()].reduce((total, one) => total + one, 0);
}
