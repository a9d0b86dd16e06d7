import type { JsonObject } from '@bufbuild/protobuf';
import {
  type Answer,
  type Door,
  doorsOf,
  holdSlot,
  listSessions,
  scheduleSeries,
  scheduleSession,
} from '../support/doors.js';
import { atMinute, type World } from './world.js';

const COACHES = 20;
const CLIENTS = 20;
const HOLDS = 10;
/** As many as fit into a day, a minute each: the most that one session can collide with. */
const SHORT_SESSIONS = 1_440;
const AT_ONCE = 100;

/**
 * Fills a service with what requests can be about: a client whose day is full of sessions of one minute, all with one
 * coach; series of 104 sessions; holds; and coaches and clients with little or nothing.
 */
export async function populate(addresses: { httpUrl: string; grpcAddress: string }): Promise<World> {
  const doors = doorsOf(addresses);
  const { call } = doors.find(({ name }) => name === 'gRPC') as Door;
  const coaches = Array.from({ length: COACHES }, (_, nr) => `coach-${nr}`);
  const clients = Array.from({ length: CLIENTS }, (_, nr) => `client-${nr}`);
  const slot = (nr: number, minute: number, duration: number): JsonObject => ({
    coach_hash_id: coaches[nr % COACHES]!,
    client_hash_id: clients[nr % CLIENTS]!,
    start: atMinute(minute),
    duration,
  });

  const booked: Answer[] = [];
  for (let minute = 0; minute < SHORT_SESSIONS; minute += AT_ONCE) {
    const next = Array.from({ length: Math.min(AT_ONCE, SHORT_SESSIONS - minute) }, (_, index) => minute + index);
    booked.push(...(await Promise.all(next.map((one) => call(scheduleSession, { session: slot(0, one, 1) })))));
  }
  for (let nr = 1; nr < COACHES; nr += 1) booked.push(await call(scheduleSession, { session: slot(nr, 60 * nr, 60) }));
  const held: Answer[] = [];
  for (let nr = 0; nr < HOLDS; nr += 1) held.push(await call(holdSlot, { hold: slot(nr, 4_000, 30) }));
  const series: Answer[] = [];
  for (let nr = 1; nr < 4; nr += 1) {
    const { start: _, ...who } = slot(nr, 0, 60);
    const times = { local_start: '2031-03-03T09:30', time_zone: 'Europe/Zurich', recurrence: 'FREQ=DAILY;COUNT=104' };
    series.push(await call(scheduleSeries, { series: { ...who, ...times } }));
  }
  const page = await call(listSessions, { coach_hash_id: coaches[0]!, page_size: 5 });
  for (const door of doors) door.close();

  const member = (answers: readonly Answer[], name: string) => answers.map((answer) => idOf(answer, name));
  return {
    coaches,
    clients,
    sessions: [...member(booked.slice(-200), 'session'), ...member(booked.slice(0, 20), 'session')],
    holds: member(held, 'hold'),
    series: member(series, 'series'),
    pageTokens: [(page.response as { next_page_token: string }).next_page_token],
    consistencyTokens: booked
      .slice(-3)
      .map(({ response }) => (response as { consistency_token: string }).consistency_token),
  };
}

function idOf({ code, response }: Answer, member: string): string {
  const id = (response as Record<string, { id?: string }> | undefined)?.[member]?.id;
  if (!id) throw new Error(`a ${member} was refused: ${code}`);
  return id;
}
