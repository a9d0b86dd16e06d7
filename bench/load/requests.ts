/** What the load generators send, by the number of the request. requests.lua makes the same requests for wrk. */

/** One request after the other, each made from its number. */
export interface Requests {
  /**
   * `book`: a free slot, of the coaches in turn. `crowd`: the same slot again and again, `rivals` times, then the next.
   * `get`: a session by its id. `list`: the first sessions of a coach.
   */
  readonly kind: 'book' | 'crowd' | 'get' | 'list';
  /** The number of the first request; for `book` all numbers lead to different slots. */
  readonly first: number;
  /** How many coaches there are, `coach-0` and on. */
  readonly coaches: number;
  /** What stands before the names of the coaches; only for `book`, and not for wrk. */
  readonly prefix?: string;
  /** How many want a slot; only for `crowd`. */
  readonly rivals?: number;
  /** A file with an id in each line; only for `get`. */
  readonly idsFile?: string;
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

/** How many sessions a `list` asks for. */
export const PAGE_SIZE = 20;

const DURATION = 30;
const FIRST_START = Date.UTC(2030, 0, 1) / 1000;
const CLIENTS = 10_007;

/** The session that the nth request wants. */
export function wantedSession({ kind, coaches, prefix = '', rivals = 1 }: Requests, n: number): WantedSession {
  const slot = kind === 'crowd' ? Math.floor(n / rivals) : Math.floor(n / coaches);
  return {
    coachHashId: kind === 'crowd' ? 'coach-of-the-crowd' : `${prefix}coach-${n % coaches}`,
    clientHashId: `client-${n % CLIENTS}`,
    start: FIRST_START + slot * DURATION * 60,
    duration: DURATION,
  };
}

/** The JSON that asks for a session. */
export function bodyOf({ coachHashId, clientHashId, start, duration }: WantedSession): string {
  const time = new Date(start * 1000).toISOString().replace('.000Z', 'Z');
  return `{"session":{"coach_hash_id":"${coachHashId}","client_hash_id":"${clientHashId}","start":"${time}","duration":${duration}}}`;
}

/** The nth request as bytes of HTTP/1.1. */
export function httpRequest(requests: Requests, n: number, host: string, ids: readonly string[]): string {
  switch (requests.kind) {
    case 'book':
    case 'crowd': {
      const body = bodyOf(wantedSession(requests, n));
      return `POST /api/v1/sessions HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    }
    case 'get':
      return `GET /api/v1/sessions/${ids[n % ids.length]} HTTP/1.1\r\nhost: ${host}\r\n\r\n`;
    case 'list': {
      const query = `coach_hash_id=coach-${n % requests.coaches}&page_size=${PAGE_SIZE}`;
      return `GET /api/v1/sessions?${query} HTTP/1.1\r\nhost: ${host}\r\n\r\n`;
    }
    default:
      return requests.kind satisfies never;
  }
}
