import { sendCounted } from '../harness/load.js';
import { type Measured, measure, withDatabase, withSubject } from '../harness/measure.js';
import { ask } from '../harness/postgres.js';
import { atLeast, type Bench, rowOf, type Scenario } from '../harness/scenario.js';
import { projected } from '../harness/seed.js';
import type { Subject } from '../harness/subject.js';
import { service, slotsBySql } from '../harness/subjects.js';
import { checkAnswers } from '../harness/truth.js';
import type { HttpJob } from '../load/http-load.js';
import { FIRST_START, type Requests, SLOT_HOURS, slotsBody, slotsPath } from '../load/requests.js';

const COACHES = 100;
/** Others, who are asked about first. */
const WARM_UP = { coaches: 20, prefix: 'warm-up-' };
const SESSIONS = 200;
const SESSIONS_A_DAY = 8;
const CONNECTIONS = 8;
const AT_ONCE = 50;

type Kind = 'slots' | 'slots-of-all';

/** Finds the free slots of coaches over four weeks. */
export const slots: Scenario = {
  name: 'slots',
  title: `free slots over 4 weeks of coaches with ${SESSIONS} sessions each, over REST, ${CONNECTIONS} connections`,

  async run(bench) {
    return withDatabase(bench, async (url) => {
      await withSubject(bench, service, url, async ({ httpUrl }) => {
        await prepare(httpUrl);
        await projected(url);
      });
      await ask(url, 'vacuum analyze');
      await sameAnswers(bench, url);

      const rounds = new Map<string, Measured[]>();
      for (let nr = 1; nr <= bench.options.rounds; nr += 1) {
        for (const kind of ['slots', 'slots-of-all'] as const) {
          for (const subject of [service, slotsBySql]) {
            for (const [name, measured] of await search(bench, subject, url, kind)) {
              const { requests, seconds, p99 } = measured.load;
              bench.tell(`  round ${nr}  ${name}: ${(requests / seconds).toFixed(1)}/s, p99 ${p99.toFixed(1)} ms`);
              rounds.set(name, [...(rounds.get(name) ?? []), measured]);
            }
          }
        }
      }
      const row = (subject: Subject, kind: Kind, state: State) => {
        const name = nameOf(subject, kind, state);
        return rowOf(name, rounds.get(name)!);
      };
      const states = ['warm', 'cold'] as const;
      const kinds = ['slots', 'slots-of-all'] as const;
      const pairs = kinds.flatMap((kind) =>
        states.map((state) => [kind, state, row(service, kind, state), row(slotsBySql, kind, state)] as const),
      );
      return {
        unit: 'searches',
        rows: pairs.flatMap(([, , own, peer]) => [own, peer]),
        goals: pairs.map(([kind, , own, peer]) => atLeast(kind === 'slots' ? 5 : 10, own, peer)),
        checked: 'both answer the same slots',
      };
    });
  },
};

/** Warm: the coaches have been asked about before. Cold: only others have, by the same process. */
type State = 'warm' | 'cold';

const TITLES: Readonly<Record<Kind, string>> = { slots: 'one coach', 'slots-of-all': `${COACHES} coaches` };

function nameOf({ name }: Subject, kind: Kind, state: State): string {
  return `${name}, ${TITLES[kind]}, ${state}`;
}

async function search(bench: Bench, subject: Subject, url: string, kind: Kind): Promise<[string, Measured][]> {
  return withSubject(bench, subject, url, async ({ httpUrl, pid }) => {
    const send = async (job: Omit<HttpJob, 'url' | 'requests'> & { readonly requests?: Partial<Requests> }) => {
      const measured = await measure(bench, [pid], () =>
        sendCounted({ url: httpUrl, ...job, requests: { first: 0, coaches: COACHES, ...job.requests, kind } }),
      );
      checkAnswers(measured.load, /^2/);
      return measured;
    };
    const { warmUp, seconds } = bench.options;
    await send({ connections: CONNECTIONS, seconds: warmUp, requests: WARM_UP });
    const cold = await send({ connections: 1, seconds: 60, count: kind === 'slots' ? COACHES : 1 });
    const warm = await send({ connections: CONNECTIONS, seconds });
    return [
      [nameOf(subject, kind, 'cold'), cold],
      [nameOf(subject, kind, 'warm'), warm],
    ];
  });
}

/** Gives each coach hours, and sessions spread over the days. */
async function prepare(httpUrl: string): Promise<void> {
  const sends: (() => Promise<void>)[] = [];
  const coaches = [namesOf(COACHES, ''), namesOf(WARM_UP.coaches, WARM_UP.prefix)].flat();
  for (const coach of coaches) {
    const { timeZone: time_zone, from, to } = SLOT_HOURS;
    const days = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];
    const availability = { time_zone, weekly: [{ days, from, to }] };
    sends.push(() => send(`${httpUrl}/api/v1/coaches/${coach}/availability`, 'PUT', { availability }));
  }
  for (let nr = 0; nr < SESSIONS; nr += 1) {
    for (const coach of coaches) {
      const start = FIRST_START + Math.floor(nr / SESSIONS_A_DAY) * 86_400 + 7 * 3_600 + (nr % SESSIONS_A_DAY) * 4_500;
      const session = {
        coach_hash_id: coach,
        client_hash_id: `${coach}-client-${nr % 10}`,
        start: new Date(1000 * start).toISOString(),
        duration: 30,
      };
      sends.push(() => send(`${httpUrl}/api/v1/sessions`, 'POST', { session }));
    }
  }
  for (let at = 0; at < sends.length; at += AT_ONCE) {
    await Promise.all(sends.slice(at, at + AT_ONCE).map((one) => one()));
  }
}

function namesOf(coaches: number, prefix: string): string[] {
  return Array.from({ length: coaches }, (_, nr) => `${prefix}coach-${nr}`);
}

async function send(url: string, method: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
  await response.arrayBuffer();
}

/** Throws unless both answer the same slots. */
async function sameAnswers(bench: Bench, url: string): Promise<void> {
  const [own, other] = [await answers(bench, service, url), await answers(bench, slotsBySql, url)];
  if (own.length === 0 || own.join() !== other.join()) {
    throw new Error(`the service has ${own.length} slots, the peer ${other.length}, or others`);
  }
}

async function answers(bench: Bench, subject: Subject, url: string): Promise<string[]> {
  return withSubject(bench, subject, url, async ({ httpUrl }) => {
    const one = await fetch(httpUrl + slotsPath('coach-7'));
    const headers = { 'content-type': 'application/json' };
    const all = await fetch(`${httpUrl}/api/v1/slots:find`, { method: 'POST', headers, body: slotsBody(COACHES) });
    const found = (await Promise.all([one.json(), all.json()])) as {
      slots: { coach_hash_id: string; start: string }[];
    }[];
    return found.flatMap(({ slots }) =>
      slots.map(({ coach_hash_id, start }) => `${coach_hash_id} ${Date.parse(start)}`),
    );
  });
}
