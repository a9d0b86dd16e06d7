import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { describe, expect, test } from 'vitest';
import { FIRST_TIME, LAST_TIME } from '../../src/domain/slot.js';
import {
  consistencyToken,
  historyToken,
  pageToken,
  parseConsistencyToken,
  parseHistoryToken,
  parsePageToken,
} from '../../src/handlers/answer/tokens.js';
import { type MemoryService, memoryService, type RequestOf, SLOT, UNKNOWN_ID, violationsOf } from './memory-service.js';

const QUERY = { coachHashId: 'carol' };
const NINE = Date.parse('2030-01-01T09:00:00Z');
const KEY = { time: NINE, id: UNKNOWN_ID };

/** Each kind of token: a good one, how it is read, and the refusal of a bad one. */
const KINDS = [
  {
    kind: 'a consistency token',
    token: consistencyToken(12n),
    parse: (token: string) => parseConsistencyToken(token),
    refusal: { field: 'consistency_token', description: 'must be a token that this service gave' },
  },
  {
    kind: 'a page token of a list',
    token: pageToken(KEY, QUERY),
    parse: (token: string) => parsePageToken(token, QUERY),
    refusal: { field: 'page_token', description: 'must be a next_page_token that this service gave' },
  },
  {
    kind: 'a page token of a history',
    token: historyToken(3, QUERY),
    parse: (token: string) => parseHistoryToken(token, QUERY),
    refusal: { field: 'page_token', description: 'must be a next_page_token that this service gave' },
  },
];

/** A token in the form of this service, with any parts. */
const written = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');

const violations = (parse: () => unknown) => violationsOf(Promise.resolve().then(parse));

describe('a token', () => {
  test.each([0n, 1n, 2n ** 63n - 1n])('of position %s is read as it was written', (position) => {
    expect(parseConsistencyToken(consistencyToken(position))).toBe(position);
  });

  test.each([FIRST_TIME, -1, 0, NINE, LAST_TIME])('of a page after %s is read as it was written', (time) => {
    expect(parsePageToken(pageToken({ time, id: UNKNOWN_ID }, QUERY), QUERY)).toEqual({ time, id: UNKNOWN_ID });
  });

  test.each([0, 1, Number.MAX_SAFE_INTEGER])('of a history after revision %s is read as it was written', (revision) => {
    expect(parseHistoryToken(historyToken(revision, QUERY), QUERY)).toBe(revision);
  });

  test.each(KINDS)('may be left out: $kind', ({ parse }) => {
    expect(parse('')).toBeUndefined();
  });

  test.each(KINDS)('goes through URLs and headers as it is: $kind', ({ token }) => {
    expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
  });
});

describe.each(KINDS.map((one) => [one.kind, one] as const))('%s', (_kind, { token, parse, refusal }) => {
  const others = KINDS.filter((one) => one.token !== token).map((one) => [one.kind, one.token] as const);
  test.each(others)('is not %s', async (_other, foreign) => {
    expect(await violations(() => parse(foreign))).toMatchObject([{ field: refusal.field }]);
  });

  test('is refused when it is cut at any place', async () => {
    for (let length = 1; length < token.length; length += 1) {
      expect(await violations(() => parse(token.slice(0, length)))).toEqual([refusal]);
      expect(await violations(() => parse(token.slice(-length)))).toEqual([refusal]);
    }
  });

  test.each(['x', '12', '%', 'null', '{}', written(), written(null), written({}), written('12'), written(1.5, 2)])(
    'is not %s',
    async (foreign) => {
      expect(await violations(() => parse(foreign))).toEqual([refusal]);
    },
  );
});

describe('an altered token is refused:', () => {
  test.each([
    ['a position that is too long', written('p12345678901234567890')],
    ['a negative position', written('p-1')],
    ['a position with a fraction', written('p1.5')],
    ['a position without its letter', written('12')],
  ])('%s', async (_what, token) => {
    expect(await violations(() => parseConsistencyToken(token))).toMatchObject([{ field: 'consistency_token' }]);
  });

  const [, , digest] = JSON.parse(Buffer.from(pageToken(KEY, QUERY), 'base64url').toString()) as string[];

  test.each([
    ['a start before the year 1', written(FIRST_TIME - 1, UNKNOWN_ID, digest)],
    ['a start after the year 9999', written(LAST_TIME + 1, UNKNOWN_ID, digest)],
    ['a start between milliseconds', written(NINE + 0.5, UNKNOWN_ID, digest)],
    ['a start as a text', written(`${NINE}`, UNKNOWN_ID, digest)],
    ['an id that is no UUID', written(NINE, 'x', digest)],
    ['an id that is no text', written(NINE, 7, digest)],
  ])('%s', async (_what, token) => {
    expect(await violations(() => parsePageToken(token, QUERY))).toEqual([KINDS[1]!.refusal]);
  });

  test.each([
    ['no digest of the query', written(NINE, UNKNOWN_ID)],
    ['another digest', written(NINE, UNKNOWN_ID, `${digest}x`)],
  ])('%s', async (_what, token) => {
    expect(await violations(() => parsePageToken(token, QUERY))).toEqual([
      { field: 'page_token', description: 'is from a request with other arguments' },
    ]);
  });

  test('a revision that is not a whole number', async () => {
    expect(await violations(() => parseHistoryToken(written('3', digest), QUERY))).toEqual([KINDS[2]!.refusal]);
    expect(await violations(() => parseHistoryToken(written(3.5, digest), QUERY))).toEqual([KINDS[2]!.refusal]);
  });
});

describe('a page token', () => {
  const OTHER = [{ field: 'page_token', description: 'is from a request with other arguments' }];
  const ASKED = { coachHashId: 'carol', from: timestampFromMs(NINE), pageSize: 1 };

  /** A service with three sessions of an hour each, and the token of the second page of a list. */
  async function withThree(asked: RequestOf<'listSessions'> = ASKED) {
    const service = memoryService();
    for (const hour of [0, 1, 2]) {
      const start = timestampFromMs(NINE + hour * 3_600_000);
      await service.call('scheduleSession', { session: { ...SLOT, start } });
    }
    const { sessions, nextPageToken } = await service.call('listSessions', asked);
    return { service, first: sessions, pageToken: nextPageToken };
  }

  test('leads through a list to its end, and shows each session once', async () => {
    const { service, first, pageToken: second } = await withThree();
    const starts = first.map(({ start }) => start);
    for (let token = second; token !== ''; ) {
      const page = await service.call('listSessions', { ...ASKED, pageToken: token });
      starts.push(...page.sessions.map(({ start }) => start));
      token = page.nextPageToken;
    }
    expect(starts).toEqual([0, 1, 2].map((hour) => timestampFromMs(NINE + hour * 3_600_000)));
  });

  test('may be used with another page size, and for other fields', async () => {
    const { service, pageToken: token } = await withThree();
    const page = await service.call('listSessions', { ...ASKED, pageSize: 2, fields: ['start'], pageToken: token });
    expect(page).toMatchObject({ nextPageToken: '', sessions: [{}, {}] });
  });

  test.each<[what: string, RequestOf<'listSessions'>]>([
    ['another coach', { coachHashId: 'dora' }],
    ['a client besides', { clientHashId: 'chris' }],
    ['another from', { from: timestampFromMs(NINE + 1) }],
    ['a to besides', { to: timestampFromMs(NINE + 1) }],
    ['a state besides', { state: 1 }],
    ['states besides', { states: [1, 2] }],
    ['what changed after a time', { updatedAfter: timestampFromMs(NINE) }],
    ['the other direction', { newestFirst: true }],
    ['a series besides', { seriesId: UNKNOWN_ID }],
    ['another time', { asOf: timestampFromMs(NINE) }],
    ['another revision', { asOfRevision: 0n }],
  ])('is refused for %s', async (_what, change) => {
    const { service, pageToken: token } = await withThree();
    const request = { ...ASKED, ...change, pageToken: token } as RequestOf<'listSessions'>;
    expect(await violationsOf(service.call('listSessions', request))).toEqual(OTHER);
  });

  test('of a list of the past is valid for that past only', async () => {
    const past = { ...ASKED, asOf: timestampFromMs(NINE) };
    const { service, pageToken: token } = await withThree(past);
    expect(await violationsOf(service.call('listSessions', { ...past, pageToken: token }))).toEqual([]);
    expect(await violationsOf(service.call('listSessions', { ...ASKED, pageToken: token }))).toEqual(OTHER);
  });

  describe('of a history', () => {
    /** A session that was moved twice. */
    async function movedTwice({ call }: MemoryService) {
      const { session } = await call('scheduleSession', { session: SLOT });
      const { id } = session!;
      await call('rescheduleSession', { id, duration: 30 });
      await call('rescheduleSession', { id, duration: 45 });
      return id;
    }

    test('leads through the changes to their end, and shows each change once', async () => {
      const service = memoryService();
      const id = await movedTwice(service);
      const durations: (number | undefined)[] = [];
      let token = '';
      do {
        const page = await service.call('getSessionHistory', { id, pageSize: 1, pageToken: token });
        durations.push(...page.changes.map(({ session }) => session?.duration));
        token = page.nextPageToken;
      } while (token !== '');
      expect(durations).toEqual([60, 30, 45]);
    });

    test('is refused for another session', async () => {
      const service = memoryService();
      const id = await movedTwice(service);
      const { nextPageToken: token } = await service.call('getSessionHistory', { id, pageSize: 1 });
      const request = { id: UNKNOWN_ID, pageToken: token };
      expect(await violationsOf(service.call('getSessionHistory', request))).toEqual(OTHER);
    });
  });
});
