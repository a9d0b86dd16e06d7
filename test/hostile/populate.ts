import type { JsonObject } from '@bufbuild/protobuf';
import {
  type Answer,
  addTimeOff,
  createWebhook,
  type Door,
  doorsOf,
  type Headers,
  holdSlot,
  listSessions,
  scheduleSeries,
  scheduleSession,
} from '../support/doors.js';
import { atMinute, NOWHERE, type World } from './world.js';

const COACHES = 20;
const CLIENTS = 20;
const HOLDS = 10;
const TIME_OFF = 40;
const WEBHOOKS = 10;
/** As many as fit into a day, a minute each: the most that one session can collide with. */
const SHORT_SESSIONS = 1_440;
const AT_ONCE = 400;

/**
 * Fills a service with what requests can be about: a client whose day is full of sessions of one minute, all with one
 * coach; series of 104 sessions; holds; time off; webhooks; and coaches and clients with little or nothing.
 * @param longPast how many sessions of an hour that coach and client have besides
 * @param headers of a caller that may do all this
 */
export async function populate(
  addresses: { readonly httpUrl: string; readonly grpcAddress: string },
  longPast = 0,
  headers: Headers = {},
): Promise<World> {
  const doors = doorsOf(addresses, headers);
  const { call } = doors.find(({ name }) => name === 'gRPC') as Door;
  const coaches = Array.from({ length: COACHES }, (_, nr) => `coach-${nr}`);
  const clients = Array.from({ length: CLIENTS }, (_, nr) => `client-${nr}`);
  const slot = (nr: number, minute: number, duration: number): JsonObject => ({
    coach_hash_id: coaches[nr % COACHES]!,
    client_hash_id: clients[nr % CLIENTS]!,
    start: atMinute(minute),
    duration,
  });
  const book = async (count: number, slotOf: (index: number) => JsonObject): Promise<Answer[]> => {
    const answers: Answer[] = [];
    for (let first = 0; first < count; first += AT_ONCE) {
      const next = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, index) => slotOf(first + index));
      answers.push(...(await Promise.all(next.map((session) => call(scheduleSession, { session })))));
    }
    return answers;
  };

  await book(longPast, (index) => slot(0, -60 * (index + 1), 60));
  const short = await book(SHORT_SESSIONS, (index) => slot(0, index, 1));
  const others = await book(COACHES - 1, (index) => slot(index + 1, 60 * (index + 1), 60));
  const held: Answer[] = [];
  for (let nr = 0; nr < HOLDS; nr += 1) held.push(await call(holdSlot, { hold: slot(nr, 4_000, 30) }));
  const series: Answer[] = [];
  for (let nr = 1; nr < 4; nr += 1) {
    const { start: _, ...who } = slot(nr, 0, 60);
    const times = { local_start: '2031-03-03T09:30', time_zone: 'Europe/Zurich', recurrence: 'FREQ=DAILY;COUNT=104' };
    series.push(await call(scheduleSeries, { series: { ...who, ...times } }));
  }
  const timeOff: Answer[] = [];
  for (let nr = 0; nr < TIME_OFF; nr += 1) {
    const time_off = { start: atMinute(5_000 + 60 * nr), end: atMinute(5_030 + 60 * nr), source: 'calendar' };
    timeOff.push(await call(addTimeOff, { coach_hash_id: coaches[nr % COACHES]!, time_off }));
  }
  const webhooks: Answer[] = [];
  for (let nr = 0; nr < WEBHOOKS; nr += 1) {
    const webhook = { url: NOWHERE, ...(nr > 0 && { coach_hash_id: coaches[nr % COACHES]! }) };
    webhooks.push(await call(createWebhook, { webhook }));
  }
  const page = await call(listSessions, { coach_hash_id: coaches[0]!, page_size: 5 });
  for (const door of doors) door.close();

  const member = (answers: readonly Answer[], name: string) => answers.map((answer) => idOf(answer, name));
  return {
    coaches,
    clients,
    sessions: [...member(others, 'session'), ...member(short.slice(0, 200), 'session')],
    holds: member(held, 'hold'),
    series: member(series, 'series'),
    timeOff: member(timeOff, 'time_off'),
    webhooks: member(webhooks, 'webhook'),
    pageTokens: [(page.response as { next_page_token: string }).next_page_token],
    consistencyTokens: others
      .slice(-3)
      .map(({ response }) => (response as { consistency_token: string }).consistency_token),
  };
}

function idOf({ code, response }: Answer, member: string): string {
  const id = (response as Record<string, { id?: string }> | undefined)?.[member]?.id;
  if (!id) throw new Error(`a ${member} was refused: ${code}`);
  return id;
}
