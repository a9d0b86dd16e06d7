import { sendCounted } from '../harness/load.js';
import { type Measured, measure, withDatabase, withSubject } from '../harness/measure.js';
import { ask } from '../harness/postgres.js';
import { type Bench, holds, processorMs, rowOf, type Scenario } from '../harness/scenario.js';
import { projected } from '../harness/seed.js';
import { service } from '../harness/subjects.js';
import { checkAnswers } from '../harness/truth.js';

const COACHES = 10;
const SESSIONS = 1_000;
const CONNECTIONS = 4;
const ANSWERS = { quick: 50, full: 400 };

/** Milliseconds of processor time that a calendar may take, of the service and of Postgres. */
const GOAL = 25;

/** Reads the calendars of coaches, as calendars that subscribe do when something has changed. */
export const calendars: Scenario = {
  name: 'calendars',
  title: `calendars of ${SESSIONS} sessions, over REST, ${CONNECTIONS} connections`,

  async run(bench) {
    return withDatabase(bench, async (url) => {
      await withSubject(bench, service, url, async ({ httpUrl }) => {
        const requests = { kind: 'book', first: 0, coaches: COACHES } as const;
        await sendCounted({ url: httpUrl, connections: 32, seconds: 120, count: COACHES * SESSIONS, requests });
        await projected(url);
      });
      await ask(url, 'vacuum analyze');

      const rounds: Measured[] = [];
      for (let nr = 1; nr <= bench.options.rounds; nr += 1) rounds.push(await read(bench, url));
      const row = rowOf(service, rounds);
      const cost = processorMs(row);
      return {
        unit: 'calendars',
        rows: [row],
        goals: [holds(`processor time of a calendar ≤ ${GOAL} ms`, cost <= GOAL, `${cost.toFixed(1)} ms`)],
        checked: 'every calendar has all sessions of its coach',
      };
    });
  },
};

async function read(bench: Bench, url: string): Promise<Measured> {
  return withSubject(bench, service, url, async ({ httpUrl, pid }) => {
    await checkOne(`${httpUrl}/api/v1/coaches/coach-0/calendar.ics`);
    const send = (count: number) =>
      sendCounted({
        url: httpUrl,
        connections: CONNECTIONS,
        seconds: 120,
        count,
        requests: { kind: 'calendar', first: 0, coaches: COACHES },
      });
    await send(ANSWERS.quick);
    const measured = await measure(bench, [pid], () => send(bench.options.quick ? ANSWERS.quick : ANSWERS.full));
    checkAnswers(measured.load, /^2/);
    return measured;
  });
}

async function checkOne(url: string): Promise<void> {
  const events = (await (await fetch(url)).text()).split('BEGIN:VEVENT').length - 1;
  if (events !== SESSIONS) throw new Error(`the calendar has ${events} events`);
}
