import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import type { Coach } from '../../src/application/coach-states.js';
import { decideBatch } from '../../src/application/decide-batch.js';
import { RecentRequests } from '../../src/application/recent-requests.js';
import type { EarlierRequest } from '../../src/application/request-ledger.js';
import type { Submission } from '../../src/application/submission.js';
import { initialState } from '../../src/domain/coach.js';
import { NO_STREAM } from '../../src/event-store/event-store.js';
import { EventMetadataSchema } from '../../src/gen/aceup/scheduler/v1/events_pb.js';

const newCoach = (): Coach => ({
  id: 'carol',
  state: initialState,
  revision: NO_STREAM,
  recentRequests: new RecentRequests(),
});

/** Asks for an hour that begins at the given one. */
const book = (hour: number, requestId = '', content = `hour ${hour}`): Submission => ({
  command: {
    type: 'ScheduleSession',
    sessionId: `session-${hour}`,
    coachHashId: 'carol',
    clientHashId: 'chris',
    start: hour * 3_600_000,
    duration: 60,
    now: 0,
  },
  metadata: create(EventMetadataSchema, { requestId, requestFingerprint: requestId && content }),
  signal: new AbortController().signal,
});

const kinds = (submissions: Submission[], earlier: [string, EarlierRequest][] = []) =>
  decideBatch(newCoach(), submissions, new Map(earlier)).verdicts.map(({ kind }) => kind);

test('each command is decided against the coach as the ones before it leave it', () => {
  expect(kinds([book(1), book(1), book(2)])).toEqual(['accepted', 'rejected', 'accepted']);
});

test('the facts are the events of the accepted commands, in order', () => {
  const { facts } = decideBatch(newCoach(), [book(2), book(2), book(1)], new Map());
  expect(facts.map(({ event }) => event.sessionId)).toEqual(['session-2', 'session-1']);
});

test('the coach stays as it is', () => {
  const coach = newCoach();
  decideBatch(coach, [book(1)], new Map());
  expect(coach).toEqual(newCoach());
});

describe('a request id accepted before', () => {
  const same: [string, EarlierRequest] = ['key', { sameCoach: true, fingerprint: 'hour 1', revision: 7n }];

  test('with the same content is answered as then, and leads to no fact', () => {
    const { verdicts, facts } = decideBatch(newCoach(), [book(1, 'key')], new Map([same]));
    expect(verdicts).toEqual([{ kind: 'repeated', revision: 7n }]);
    expect(facts).toEqual([]);
  });

  test('with other content is refused', () => {
    expect(kinds([book(2, 'key')], [same])).toEqual(['request-id-reused']);
  });

  test('for another coach is refused', () => {
    expect(kinds([book(1, 'key')], [['key', { sameCoach: false }]])).toEqual(['request-id-reused']);
  });
});

describe('a request id that comes twice in one batch', () => {
  test('with the same content gets the same events, once', () => {
    const { verdicts, facts } = decideBatch(newCoach(), [book(1, 'key'), book(1, 'key')], new Map());
    expect(verdicts[1]).toBe(verdicts[0]);
    expect(facts).toHaveLength(1);
  });

  test('with other content is refused', () => {
    expect(kinds([book(1, 'key'), book(2, 'key')])).toEqual(['accepted', 'request-id-reused']);
  });

  test('is decided again when the first was refused', () => {
    expect(kinds([book(1), book(1, 'key'), book(2, 'key')])).toEqual(['accepted', 'rejected', 'accepted']);
  });
});
