import { sendCounted, sendHttp } from '../harness/load.js';
import { type Measured, measure, withDatabase, withSubject } from '../harness/measure.js';
import { ask } from '../harness/postgres.js';
import { atMost, type Bench, rowOf, type Scenario } from '../harness/scenario.js';
import { projected, seed } from '../harness/seed.js';
import type { Running } from '../harness/subject.js';
import { service } from '../harness/subjects.js';
import { checkAnswers } from '../harness/truth.js';
import { firstAfter } from '../load/requests.js';
import { writeIds } from './reads.js';
import { rebuildOnce } from './rebuild.js';

const CONNECTIONS = 32;
const SESSIONS_FOR_A_COACH = 100;
/** For whom is booked: nobody of the past. */
const NEW_COACHES = 1_000;
/** How much longer anything may take in the large store. */
const LIMIT = 1.3;

const KINDS = ['get', 'list', 'book'] as const;
type Kind = (typeof KINDS)[number];

/** A store with as many sessions, in the log and in the read model. */
interface Store {
  readonly sessions: number;
  readonly url: string;
  readonly idsFile: string;
}

/** Reads and bookings in a small store and in a large one. */
export const growth: Scenario = {
  name: 'growth',
  title: `get, list and book with 1,000 and with 5,000,000 sessions in the store, ${CONNECTIONS} connections`,

  async run(bench) {
    const { quick, rounds } = bench.options;
    return withStore(bench, 1_000, (small) =>
      withStore(bench, quick ? 100_000 : 5_000_000, async (large) => {
        const stores = [small, large];
        const measured = new Map<string, Measured[]>();
        for (let nr = 1; nr <= rounds; nr += 1) {
          for (const kind of KINDS) {
            for (const store of stores) {
              const result = await withSubject(bench, service, store.url, (running) =>
                load(bench, store, running, kind, nr),
              );
              const name = nameOf(kind, store);
              const { requests, seconds, p99 } = result.load;
              bench.tell(`  round ${nr}  ${name}: ${Math.round(requests / seconds)}/s, p99 ${p99.toFixed(1)} ms`);
              measured.set(name, [...(measured.get(name) ?? []), result]);
            }
          }
        }
        const row = (kind: Kind, store: Store) => rowOf(nameOf(kind, store), measured.get(nameOf(kind, store))!);
        return {
          unit: 'operations',
          rows: KINDS.flatMap((kind) => stores.map((store) => row(kind, store))),
          goals: KINDS.map((kind) => {
            const times = [large, small].map((store) => 1000 / row(kind, store).perSecond);
            return atMost(LIMIT, `time for each ${kind}: {} that with 1,000 sessions`, times[0]!, times[1]!);
          }),
        };
      }),
    );
  },
};

function nameOf(kind: Kind, { sessions }: Store): string {
  return `service ${kind}, ${sessions.toLocaleString('en')} sessions`;
}

async function load(bench: Bench, store: Store, running: Running, kind: Kind, round: number): Promise<Measured> {
  const { seconds, warmUp } = bench.options;
  const { httpUrl: url, pid } = running;
  const send = (first: number, time: number) =>
    kind === 'book'
      ? sendCounted({
          url,
          connections: CONNECTIONS,
          seconds: time,
          requests: { kind, first, coaches: NEW_COACHES, prefix: `new-${round}-`, clientPrefix: `new-${round}-` },
        })
      : sendHttp({
          url,
          connections: CONNECTIONS,
          seconds: time,
          requests: { kind, first, coaches: store.sessions / SESSIONS_FOR_A_COACH, idsFile: store.idsFile },
        });
  const { requests } = await send(0, warmUp);
  const measured = await measure(bench, [pid], () => send(firstAfter(requests, NEW_COACHES), seconds));
  checkAnswers(measured.load, /^2/);
  if (kind === 'book') await projected(store.url);
  return measured;
}

/** Fills a store, lets something work on it, and drops it. */
function withStore<Result>(bench: Bench, sessions: number, work: (store: Store) => Promise<Result>): Promise<Result> {
  return withDatabase(bench, async (url) => {
    const started = performance.now();
    await seed(url, [{ coachHashId: 'model', sessions: 1 }]);
    await withSubject(bench, service, url, () => projected(url));
    await ask(url, COPIES_OF_THE_FIRST_EVENT, [sessions, SESSIONS_FOR_A_COACH]);
    await rebuildOnce(url);
    await ask(url, 'vacuum analyze');
    const idsFile = await writeIds(bench, url);
    bench.tell(`  ${sessions} sessions written in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    return work({ sessions, url, idsFile });
  });
}

/** Appends events like the first one of the log: for coaches `coach-0` and on, each with as many sessions. */
const COPIES_OF_THE_FIRST_EVENT = `
  insert into event_store.events (position, stream, revision, id, type, data, metadata)
  select 2 + nr, 'coach-coach-' || coach, place, gen_random_uuid(), type,
    data || jsonb_build_object(
      'sessionId', uuidv7(),
      'coachHashId', 'coach-' || coach,
      'clientHashId', 'client-' || coach || '-' || place % 10,
      'start', to_char(timestamp '2000-01-01' + place * interval '30 minutes', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    ),
    metadata
  from event_store.events model, generate_series(0, $1::bigint - 1) nr,
    lateral (select nr / $2::int as coach, nr % $2::int as place) of_coach
  where model.position = 1
  order by nr`;
