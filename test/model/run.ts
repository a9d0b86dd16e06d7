import { isDeepStrictEqual } from 'node:util';
import { create } from '@bufbuild/protobuf';
import type { Submission } from '../../src/application/submission.js';
import type { EventStore } from '../../src/event-store/event-store.js';
import { type EventMetadata, EventMetadataSchema } from '../../src/gen/aceup/scheduler/v1/events_pb.js';
import { Cancellation } from '../../src/waiting.js';
import { readAll } from '../support/event-store-follow.js';
import { auditOf } from '../verify/support.js';
import { type Asking, BEGIN, createAsking } from './acts.js';
import { createAskedFor } from './asked.js';
import { checkAfterwards, checkNothingIsLeft } from './check-afterwards.js';
import { type Call, checkAnswer } from './check-answer.js';
import { type Process, startProcess } from './process.js';
import { createRandom } from './random.js';
import { createRequests } from './requests.js';
import type { Act, Scenario } from './scenario.js';
import { createScheduler } from './scheduler.js';
import { createSnapshots } from './snapshots.js';
import { story } from './story.js';
import { createTruth, type Truth } from './truth.js';

/** What came of a run. */
export interface RunResult {
  readonly appends: number;
  readonly crashes: number;
  /** The answer to each command, in a word. */
  readonly told: readonly string[];
}

/** Whose request id a command has. */
type Request = Pick<EventMetadata, 'requestId' | 'subject'>;

const NO_REQUEST: Request = { requestId: '', subject: '' };

/** The first of them is not authenticated. */
const SUBJECTS = ['', 'ann', 'ben'];

/** A command that was sent, as its sender knows it. */
interface Sent {
  readonly asking: Asking;
  readonly request: Request;
  readonly leave: Cancellation;
  readonly process: Process;
  readonly call: Call;
}

/**
 * Lets a scenario happen over an event store, and checks what is promised: after every append, for every answer, and in
 * the end. Throws with the story of the run.
 * @param stores for the processes, over one log
 * @param name of the run, which begins its ids: the log may have events of other runs
 */
export async function run(scenario: Scenario, stores: readonly EventStore[], name: string): Promise<RunResult> {
  const random = createRandom(scenario.seed);
  const scheduler = createScheduler(random, scenario.slowness);
  const truth = createTruth();
  const calls: Call[] = [];
  const sent: Sent[] = [];
  let ids = 0;
  let crashes = 0;

  const newId = () => `${name}-7000-8000-${(ids++).toString(16).padStart(12, '0')}`;
  const nameOf = (what: string) => `${name}-${what}`;
  const asking = createAsking({ truth, askedFor: createAskedFor(truth), newId, nameOf });

  const snapshots = scenario.snapshots ? createSnapshots(random, scenario.faultRate) : undefined;
  // What came before a snapshot has to be found in the index.
  const requests = createRequests(truth, scenario.indexIsFresh || scenario.snapshots);

  function start(at: number, rate = scenario.faultRate): Process {
    const { cacheBytes, patience, sluggish } = scenario;
    const faults = { random, scheduler, rate, isSluggish: at === sluggish, onAppended: truth.append };
    const store = stores[at % stores.length]!;
    return startProcess({ store, requests, snapshots, newId, cacheBytes, patience, ...faults });
  }

  const processes = scenario.clocks.map((_, at) => start(at));

  /** The process at the place, or the one that was started since it died. */
  function processAt(at: number): Process {
    if (!processes[at]!.alive) {
      crashes += 1;
      processes[at] = start(at);
    }
    return processes[at]!;
  }

  const clockOf = (at: number) => BEGIN + scheduler.now() + scenario.clocks[at]! * 1_000;

  function send(process: Process, now: number, one: Asking, request: Request, validateOnly: boolean): Call {
    const leave = new Cancellation();
    const correlationId = String(calls.length);
    const requestFingerprint = request.requestId && one.content;
    const metadata = create(EventMetadataSchema, { correlationId, ...request, requestFingerprint });
    const submission: Submission = { command: one.command(now), metadata, validateOnly, cancellation: leave };
    const call: Call = { submission, begin: truth.place, end: Number.POSITIVE_INFINITY, told: undefined };
    calls.push(call);
    sent.push({ asking: one, request, leave, process, call });
    const tell = (told: Call['told']) => Object.assign(call, { told, end: truth.place });
    process.submit(submission).then(tell, (error: unknown) => tell({ kind: 'failed', error }));
    return call;
  }

  function perform(act: Act): void {
    switch (act.kind) {
      case 'crash':
        processes[act.process]!.crash();
        break;
      case 'let time pass':
        // As long as holds last: by some clocks they have expired then, and by others not yet.
        scheduler.skip(act.count * 10 * 60_000);
        break;
      case 'give up':
        sent.at(-1 - act.which)?.leave.abort(new Error('gone'));
        break;
      case 'resend': {
        const again = sent.at(-1 - act.which);
        if (again) {
          send(processAt(act.process), clockOf(act.process), again.asking, again.request, act.validateOnly);
        }
        break;
      }
      default: {
        const subject = SUBJECTS[act.request - 1];
        const request = subject === undefined ? NO_REQUEST : { requestId: nameOf('request'), subject };
        send(processAt(act.process), clockOf(act.process), asking(act), request, act.validateOnly);
      }
    }
  }

  function performFrom(at: number): void {
    const act = scenario.acts[at];
    if (!act) return;
    scheduler.add({
      weight: scenario.haste,
      happen: () => {
        performFrom(at + 1);
        perform(act);
      },
    });
  }

  /** No call failed, and no caller hung up. */
  function isUndisturbed(): boolean {
    const { faultRate, acts } = scenario;
    return faultRate === 0 && acts.every(({ kind }) => kind !== 'crash' && kind !== 'give up');
  }

  try {
    performFrom(0);
    await scheduler.untilRest();
    if (sent.some(({ process, call }) => process.alive && !process.hangs && !call.told)) {
      throw new Error('a command was never answered');
    }
    if (isUndisturbed()) checkNothingIsLeft(truth);
    for (const process of processes) process.crash();
    await scheduler.untilRest();

    if (random.chance(0.5)) scheduler.skip(60 * 60_000);
    const fresh = start(0, 0);
    const latest = scenario.clocks.indexOf(Math.max(...scenario.clocks));
    const book = async (one: Asking) => {
      const call = send(fresh, clockOf(latest), one, NO_REQUEST, false);
      await scheduler.untilRest();
      return call;
    };
    await checkAfterwards({ truth, random, nameOf, newId, book });
    for (const call of calls) checkAnswer(call, truth);
    await checkIsStored(stores[0]!, truth);
    await checkIsSound(truth);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${story(calls, truth)}`, { cause: error });
  }
  return { appends: truth.place, crashes, told: calls.map(wordOf) };
}

/** Throws when the streams are not what was acknowledged, or was not but happened. */
async function checkIsStored(store: EventStore, { streams }: Truth): Promise<void> {
  for (const [stream, events] of streams) {
    const ids = (await readAll(store, stream)).map(({ id }) => id);
    if (
      !isDeepStrictEqual(
        ids,
        events.map(({ id }) => id),
      )
    )
      throw new Error(`${stream} is not as it was written`);
  }
}

/** Throws when the audit that operators run finds a fault. */
async function checkIsSound({ log }: Truth): Promise<void> {
  const revisions = new Map<string, bigint>();
  const events = log.flatMap((append) => append.events.map((event) => ({ ...event, stream: append.stream })));
  const recorded = events.map((event, index) => {
    const revision = revisions.get(event.stream) ?? 0n;
    revisions.set(event.stream, revision + 1n);
    return { ...event, revision, position: BigInt(index + 1), recordedAt: 0 };
  });
  const { faults } = await auditOf(recorded);
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

function wordOf({ told }: Call): string {
  return told?.kind === 'rejected' ? told.rejection.reason : (told?.kind ?? 'no answer');
}
