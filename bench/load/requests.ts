/** What the load generators send, by the number of the request. requests.lua makes the same requests for wrk. */

import { createRing } from './routing.js';

/** One request after the other, each made from its number. */
export interface Requests {
  /**
   * `book`: a slot in which coach and client are free, of the coaches in turn. `crowd`: the same slot again and again,
   * `rivals` times, each for another client, then the next. `get`: a session by its id. `list`: the first sessions of a
   * coach. `slots`: the free slots of the coaches in turn, `slots-of-all`: of all of them; `calendar`: the calendars of
   * the coaches in turn; these three not for wrk.
   */
  readonly kind: 'book' | 'crowd' | 'get' | 'list' | 'slots' | 'slots-of-all' | 'calendar';
  /** The number of the first request; for `book` all numbers lead to slots that do not overlap, of coach and client. */
  readonly first: number;
  /** How many coaches there are, `coach-0` and on. */
  readonly coaches: number;
  /**
   * How many clients come to the coaches at a time; only for `book`. As many as there are coaches, a multiple, or
   * `ALL_NEW`; five times as many when absent.
   */
  readonly clients?: number;
  /** Whether each client stays with one coach, in place of coming to one after the other; for bookings, not for wrk. */
  readonly loyal?: boolean;
  /** The process that the requests go to, of several, if they do not all go to one; for bookings, and not for wrk. */
  readonly share?: Share;
  /** What stands before the names of the coaches, and of the clients; for bookings and slots, and not for wrk. */
  readonly prefix?: string;
  readonly clientPrefix?: string;
  /** How much later everything takes place; for bookings, and not for wrk. */
  readonly yearsLater?: number;
  /** How many want a slot; only for `crowd`. */
  readonly rivals?: number;
  /** A file with an id in each line; only for `get`. */
  readonly idsFile?: string;
  /** The token that each request shows; for bookings, and not for wrk. */
  readonly token?: string;
}

/** What a proxy sends to one of several processes. */
export interface Share {
  /** From 0. */
  readonly process: number;
  readonly of: number;
  /** `coach`: all that is for the coaches of the process, by consistent hashing. `turns`: whatever comes, in turns. */
  readonly by: 'coach' | 'turns';
}

/** A session to book. */
export interface WantedSession {
  readonly coachHashId: string;
  readonly clientHashId: string;
  /** Epoch seconds. */
  readonly start: number;
  /** Minutes. */
  readonly duration: number;
}

/** So many clients that each booking is somebody's first. */
export const ALL_NEW = Number.MAX_SAFE_INTEGER;

/** How many sessions a `list` asks for. */
export const PAGE_SIZE = 20;

const DURATION = 30;
/** More requests than a load of `book` ever has under way. */
const UNANSWERED = 100;
/** When the first slot that is booked begins, in epoch seconds. */
export const FIRST_START = Date.UTC(2030, 0, 1) / 1000;
const YEAR = 366 * 24 * 3_600;
const CLIENTS_FOR_A_COACH = 5;
/** How often a client comes. Then a new one takes its place, so that one booking in so many is somebody's first. */
const SESSIONS_FOR_A_CLIENT = 10;

/** The session that the nth request wants. */
export function wantedSession(requests: Requests, n: number): WantedSession {
  const { kind, coaches, rivals = 1, prefix = '', clientPrefix = '', yearsLater = 0 } = requests;
  const isCrowd = kind === 'crowd';
  const slot = Math.floor(n / (isCrowd ? rivals : coaches));
  return {
    coachHashId: `${prefix}${isCrowd ? 'coach-of-the-crowd' : `coach-${n % coaches}`}`,
    clientHashId: `${clientPrefix}${isCrowd ? `rival-${n}` : clientOf(requests, n)}`,
    start: FIRST_START + yearsLater * YEAR + slot * DURATION * 60,
    duration: DURATION,
  };
}

/**
 * The client of the nth booking. All clients come once, then all of them again, each to the coach beside the last one:
 * so none is wanted twice at a time. They began at different times, so that at any time a tenth of them is new.
 */
function clientOf(requests: Requests, n: number): string {
  const clients = clientsOf(requests);
  const round = Math.floor(n / clients);
  const place = (n + (requests.loyal ? 0 : round)) % clients;
  return `client-${place}-${Math.floor(round / SESSIONS_FOR_A_CLIENT + place / clients)}`;
}

/**
 * Says which numbers are of the requests' share. Of those for one coach, taking turns gives each process as many: the
 * first of a slot goes to the process behind that of the slot before.
 */
export function createSieve(requests: Requests): (n: number) => boolean {
  const { share, kind, coaches, rivals = 1 } = requests;
  if (!share) return () => true;
  const { process, of, by } = share;
  const forASlot = kind === 'crowd' ? rivals : coaches;
  if (by === 'turns') return (n) => (n + Math.floor(n / forASlot)) % of === process;
  const ring = createRing(of);
  const isOurs = Array.from(
    { length: coaches },
    (_, n) => ring.ownerOf(wantedSession(requests, n).coachHashId) === process,
  );
  return (n) => isOurs[n % coaches]!;
}

/** How many clients come to the coaches at a time. */
export function clientsOf({ coaches, clients = CLIENTS_FOR_A_COACH * coaches }: Requests): number {
  return clients;
}

/**
 * The number of a request that begins a slot, behind all those that a load made, also those that wrk did not wait for.
 * @param sent requests answered, from the number 0 on
 */
export function firstAfter(sent: number, coaches: number): number {
  return (Math.ceil((sent + UNANSWERED) / coaches) + 1) * coaches;
}

/** The JSON that asks for a session. */
export function bodyOf({ coachHashId, clientHashId, start, duration }: WantedSession): string {
  const time = new Date(start * 1000).toISOString().replace('.000Z', 'Z');
  return `{"session":{"coach_hash_id":"${coachHashId}","client_hash_id":"${clientHashId}","start":"${time}","duration":${duration}}}`;
}

/** The hours of coaches whose slots are searched, every day. */
export const SLOT_HOURS = { timeZone: 'Europe/Zurich', from: '08:00', to: '18:00' } as const;

/** The most slots of an answer. */
export const MOST_SLOTS = 5_000;

const SEARCHED = { from: '2030-01-01T00:00:00Z', to: '2030-01-29T00:00:00Z', duration: 30 } as const;

/** The path that asks for a coach's free slots over four weeks. */
export function slotsPath(coachHashId: string): string {
  const { from, to, duration } = SEARCHED;
  return `/api/v1/coaches/${coachHashId}/slots?from=${from}&to=${to}&duration=${duration}`;
}

/** The JSON that asks for the free slots of all coaches over four weeks. */
export function slotsBody(coaches: number, prefix = ''): string {
  const ids = Array.from({ length: coaches }, (_, nr) => `${prefix}coach-${nr}`);
  return JSON.stringify({ coach_hash_ids: ids, ...SEARCHED });
}

/** The nth request as bytes of HTTP/1.1. */
export function httpRequest(requests: Requests, n: number, host: string, ids: readonly string[]): string {
  switch (requests.kind) {
    case 'book':
    case 'crowd': {
      const body = bodyOf(wantedSession(requests, n));
      const token = requests.token ? `authorization: Bearer ${requests.token}\r\n` : '';
      return `POST /api/v1/sessions HTTP/1.1\r\nhost: ${host}\r\n${token}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    }
    case 'get':
      return `GET /api/v1/sessions/${ids[n % ids.length]} HTTP/1.1\r\nhost: ${host}\r\n\r\n`;
    case 'list': {
      const query = `coach_hash_id=coach-${n % requests.coaches}&page_size=${PAGE_SIZE}`;
      return `GET /api/v1/sessions?${query} HTTP/1.1\r\nhost: ${host}\r\n\r\n`;
    }
    case 'calendar':
      return `GET /api/v1/coaches/coach-${n % requests.coaches}/calendar.ics HTTP/1.1\r\nhost: ${host}\r\n\r\n`;
    case 'slots':
      return `GET ${slotsPath(`${requests.prefix ?? ''}coach-${n % requests.coaches}`)} HTTP/1.1\r\nhost: ${host}\r\n\r\n`;
    case 'slots-of-all': {
      const body = slotsBody(requests.coaches, requests.prefix);
      return `POST /api/v1/slots:find HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    }
    default:
      return requests.kind satisfies never;
  }
}
