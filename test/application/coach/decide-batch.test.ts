import { describe, expect, test } from 'vitest';
import type { Coach } from '../../../src/application/coach/coaches.js';
import { type ClientRefusal, decideBatch } from '../../../src/application/coach/decide-batch.js';
import { RecentRequests } from '../../../src/application/streams/recent-requests.js';
import type { EarlierRequest } from '../../../src/application/coach/requests.js';
import type { Submission } from '../../../src/application/submission.js';
import { initialCoach } from '../../../src/domain/coach/coach.js';
import { NO_STREAM } from '../../../src/event-store/event-store.js';
import { schedule, scheduleSeries, sessionAt } from '../../support/coach-samples.js';
import { submissionOf } from '../../support/submissions.js';

const newCoach = (): Coach => ({
  id: 'carol',
  state: initialCoach,
  revision: NO_STREAM,
  recentRequests: new RecentRequests(),
});

/** Asks for an hour that begins at the given one. */
const book = (hour: number, requestId = '', validateOnly = false): Submission =>
  submissionOf(schedule(`${String(hour).padStart(2, '0')}:00`), { requestId, content: `hour ${hour}`, validateOnly });

const decide = (
  submissions: Submission[],
  { earlier = [] as [string, EarlierRequest][], refusals = [] as [Submission, ClientRefusal][] } = {},
) => decideBatch(newCoach(), submissions, new Map(earlier), new Map(refusals));

const kinds = (...args: Parameters<typeof decide>) => decide(...args).verdicts.map(({ kind }) => kind);

test('each command is decided against the coach as the ones before it leave it', () => {
  expect(kinds([book(1), book(1), book(2)])).toEqual(['accepted', 'rejected', 'accepted']);
});

test('the facts are the events of the accepted commands, in order', () => {
  const { facts } = decide([book(2), book(2), book(1)]);
  const ids = facts.map(({ event }) => 'sessionId' in event && event.sessionId);
  expect(ids).toEqual([sessionAt('02:00'), sessionAt('01:00')]);
});

test('the coach stays as it is', () => {
  const coach = newCoach();
  decideBatch(coach, [book(1)], new Map(), new Map());
  expect(coach).toEqual(newCoach());
});

describe('a request id accepted before', () => {
  const same: [string, EarlierRequest] = ['key', { sameCoach: true, fingerprint: 'hour 1', revision: 7n }];

  test('with the same content is answered as then, and leads to no fact', () => {
    const { verdicts, facts } = decide([book(1, 'key')], { earlier: [same] });
    expect(verdicts).toEqual([{ kind: 'repeated', revision: 7n }]);
    expect(facts).toEqual([]);
  });

  test('with other content is refused', () => {
    expect(kinds([book(2, 'key')], { earlier: [same] })).toEqual(['request-id-reused']);
  });

  test('for another coach is refused', () => {
    expect(kinds([book(1, 'key')], { earlier: [['key', { sameCoach: false }]] })).toEqual(['request-id-reused']);
  });
});

describe('a request id that comes twice in one batch', () => {
  test('with the same content gets the same events, once', () => {
    const { verdicts, facts } = decide([book(1, 'key'), book(1, 'key')]);
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

describe('a command that is only to be validated', () => {
  test('is decided in full, and leads to no fact', () => {
    const { verdicts, facts } = decide([book(1, '', true)]);
    expect(verdicts).toMatchObject([{ kind: 'valid', events: [{ type: 'SessionScheduled' }] }]);
    expect(facts).toEqual([]);
  });

  test('is not in the way of those after it', () => {
    expect(kinds([book(1, '', true), book(1)])).toEqual(['valid', 'accepted']);
  });

  test('does not use its request id up', () => {
    expect(kinds([book(1, 'key', true), book(2, 'key')])).toEqual(['valid', 'accepted']);
  });
});

describe('a command whose client cannot come', () => {
  const quota: ClientRefusal = { kind: 'quota', clientHashId: 'chris', holds: [] };

  test('is refused for that, and leaves the time to others of the batch', () => {
    const first = book(1);
    expect(kinds([first, book(1)], { refusals: [[first, quota]] })).toEqual(['quota', 'accepted']);
  });

  test('is refused for its coach when that cannot come either', () => {
    const second = book(1);
    expect(kinds([book(1), second], { refusals: [[second, quota]] })).toEqual(['accepted', 'rejected']);
  });

  test('is refused for the client when a part of what it asks for was free', () => {
    const series = submissionOf(scheduleSeries());
    expect(kinds([book(9), series], { refusals: [[series, quota]] })).toEqual(['accepted', 'quota']);
  });

  test('was accepted before all the same when its request id says so', () => {
    const again = book(1, 'key');
    const earlier: EarlierRequest = { sameCoach: true, fingerprint: 'hour 1', revision: 7n };
    expect(kinds([again], { earlier: [['key', earlier]], refusals: [[again, quota]] })).toEqual(['repeated']);
  });
});
