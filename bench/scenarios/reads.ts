import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sendHttp } from '../harness/load.js';
import { type Measured, measure, withDatabase, withSubject } from '../harness/measure.js';
import { ask } from '../harness/postgres.js';
import { atLeast, type Bench, rowOf, type Scenario } from '../harness/scenario.js';
import { manyCoaches, projected, seed } from '../harness/seed.js';
import type { Subject } from '../harness/subject.js';
import { select, service } from '../harness/subjects.js';
import { checkAnswers } from '../harness/truth.js';
import { PAGE_SIZE } from '../load/requests.js';

const CONNECTIONS = 32;
const COACHES = 1_000;

/** Gets single sessions, and lists a coach's first ones, from the same table. */
export const reads: Scenario = {
  name: 'reads',
  title: `get a session, and list ${PAGE_SIZE} of a coach, over REST, ${CONNECTIONS} connections`,

  async run(bench) {
    return withDatabase(bench, async (url) => {
      await seed(url, manyCoaches(COACHES, bench.options.quick ? 20 : 100));
      const idsFile = await withSubject(bench, service, url, async () => {
        await projected(url);
        return writeIds(bench, url);
      });
      await ask(url, 'vacuum analyze read_model.sessions');

      const rounds = new Map<string, Measured[]>();
      for (let nr = 1; nr <= bench.options.rounds; nr += 1) {
        for (const subject of [service, select]) {
          for (const kind of ['get', 'list'] as const) {
            const measured = await read(bench, subject, url, kind, idsFile);
            const { requests, seconds, p99 } = measured.load;
            bench.tell(
              `  round ${nr}  ${subject.name} ${kind}: ${Math.round(requests / seconds)}/s, p99 ${p99.toFixed(1)} ms`,
            );
            const key = `${subject.name} ${kind}`;
            rounds.set(key, [...(rounds.get(key) ?? []), measured]);
          }
        }
      }
      const row = (subject: Subject, kind: string) =>
        rowOf(`${subject.name} ${kind}`, rounds.get(`${subject.name} ${kind}`)!);
      const [get, selectGet, list, selectList] = [
        row(service, 'get'),
        row(select, 'get'),
        row(service, 'list'),
        row(select, 'list'),
      ];
      return {
        unit: 'reads',
        rows: [get, selectGet, list, selectList],
        goals: [atLeast(2, get, selectGet), atLeast(2, list, selectList)],
      };
    });
  },
};

async function read(
  bench: Bench,
  subject: Subject,
  url: string,
  kind: 'get' | 'list',
  idsFile: string,
): Promise<Measured> {
  const send = (httpUrl: string, seconds: number) =>
    sendHttp({
      url: httpUrl,
      connections: CONNECTIONS,
      seconds,
      requests: { kind, first: 0, coaches: COACHES, idsFile },
    });
  return withSubject(bench, subject, url, async ({ httpUrl, pid }) => {
    await send(httpUrl, bench.options.warmUp);
    const measured = await measure(bench, [pid], () => send(httpUrl, bench.options.seconds));
    checkAnswers(measured.load, /^2/);
    return measured;
  });
}

/** A file with ids of sessions, in no order. */
export async function writeIds(bench: Bench, url: string): Promise<string> {
  const rows = await ask<{ id: string }>(url, 'select id from read_model.sessions order by md5(id::text) limit 20000');
  const file = join(bench.directory, `ids-of-${new URL(url).pathname.slice(1)}`);
  await writeFile(file, rows.map(({ id }) => `${id}\n`).join(''));
  return file;
}
