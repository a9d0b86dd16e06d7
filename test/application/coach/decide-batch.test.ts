import { describe, expect, test } from 'vitest';
import type { Refusal } from '../../../src/application/client/reserve.js';
import { decideBatch } from '../../../src/application/coach/decide-batch.js';
import type { EarlierRequest } from '../../../src/application/coach/requests.js';
import type { Submission } from '../../../src/application/submission.js';
import { evolveCoach, initialCoach } from '../../../src/domain/coach/coach.js';
import type { CoachEvent } from '../../../src/domain/coach/events.js';
import { NotLoaded } from '../../../src/domain/sorted-list.js';
import {
  abandoned,
  cancel,
  cancelSeries,
  occurrence,
  schedule,
  scheduled,
  scheduleSeries,
  sessionAt,
} from '../../support/coach-samples.js';
import { submissionOf } from '../../support/submissions.js';
import { zoneRules } from '../../support/zone-rules.js';

/** Asks for an hour that begins at the given one. */
const book = (hour: number, requestId = '', validateOnly = false): Submission =>
  submissionOf(schedule(`${String(hour).padStart(2, '0')}:00`), { requestId, content: `hour ${hour}`, validateOnly });

const decide = (
  submissions: Submission[],
  {
    history = [] as CoachEvent[],
    earlier = [] as [string, EarlierRequest][],
    refusals = [] as [Submission, Refusal][],
  } = {},
) =>
  decideBatch(history.reduce(evolveCoach, initialCoach), submissions, new Map(earlier), new Map(refusals), zoneRules);

const kinds = (...args: Parameters<typeof decide>) => decide(...args).verdicts.map(({ kind }) => kind);

test('each command is decided against the coach as the ones before it leave it', () => {
  expect(kinds([book(1), book(1), book(2)])).toEqual(['accepted', 'rejected', 'accepted']);
});

test('the facts are the events of the accepted commands, in order', () => {
  const { facts } = decide([book(2), book(2), book(1)]);
  const ids = facts.map(({ event }) => 'sessionId' in event && event.sessionId);
  expect(ids).toEqual([sessionAt('02:00'), sessionAt('01:00')]);
});

test('the state is the one that follows the facts', () => {
  const { facts, state } = decide([book(2), book(1)], { history: [scheduled('09:00')] });
  const events = [scheduled('09:00'), ...facts.map(({ event }) => event)];
  expect(state).toEqual(events.reduce(evolveCoach, initialCoach));
});

test('a refusal may not hold once other processes have appended, an answer to an earlier request does', () => {
  const earlier: [string, EarlierRequest] = ['key', { sameCoach: true, fingerprint: 'hour 1', revision: 7n }];
  expect(decide([book(9)], { history: [scheduled('09:00')] }).isFinal).toBe(false);
  expect(decide([book(1, '', true)]).isFinal).toBe(false);
  expect(decide([book(1, 'key')], { earlier: [earlier] }).isFinal).toBe(true);
  expect(decide([book(1, 'key'), book(9)], { earlier: [earlier], history: [scheduled('09:00')] }).isFinal).toBe(false);
});

test('what any of the commands misses of the state is named at once', () => {
  const series = scheduleSeries({ occurrences: [occurrence(1)] });
  const history = decide([book(3), submissionOf(series)]).state;
  const state = { ...history, sessions: { ...history.sessions }, series: { ...history.series } };
  for (const list of [state.sessions, state.series]) list.content = undefined;

  const cancelled = submissionOf(cancel({ sessionId: sessionAt('03:00') }));
  const ended = submissionOf(cancelSeries({ seriesId: series.seriesId }));
  const missed = () => decideBatch(state, [cancelled, ended], new Map(), new Map(), zoneRules);
  expect(missed).toThrow(NotLoaded);
  expect(missed).toThrow(expect.objectContaining({ parts: [state.sessions, state.series] }));
});

test('a command whose reservation was abandoned needs a new one, whatever else happens', () => {
  const { verdicts, isFinal } = decide([book(9)], { history: [abandoned('09:00')] });
  expect(verdicts).toEqual([{ kind: 'outdated' }]);
  expect(isFinal).toBe(true);
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

  test('is a new one of another subject', () => {
    const ofAnn = submissionOf(schedule('01:00'), { requestId: 'key', subject: 'ann', content: 'hour 1' });
    expect(kinds([ofAnn], { earlier: [same] })).toEqual(['accepted']);
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

  test('is another one of another subject', () => {
    const of = (subject: string, time: string) => submissionOf(schedule(time), { requestId: 'key', subject });
    expect(kinds([of('ann', '01:00'), of('ben', '01:00'), of('ben', '02:00'), of('', '03:00')])).toEqual([
      'accepted',
      'rejected',
      'accepted',
      'accepted',
    ]);
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

  test('does not use up its request id', () => {
    expect(kinds([book(1, 'key', true), book(2, 'key')])).toEqual(['valid', 'accepted']);
  });
});

describe('a command whose client has no time', () => {
  const doubt: Refusal = { kind: 'in-doubt', clientHashId: 'chris', blocked: [], holds: [] };

  test('is refused for that, and leaves the time to others of the batch', () => {
    const first = book(1);
    expect(kinds([first, book(1)], { refusals: [[first, doubt]] })).toEqual(['in-doubt', 'accepted']);
  });

  test('is refused for its coach when the coach has no time either', () => {
    const second = book(1);
    expect(kinds([book(1), second], { refusals: [[second, doubt]] })).toEqual(['accepted', 'rejected']);
  });

  test('is refused for the client when a part of what it asks for was free', () => {
    const series = submissionOf(scheduleSeries());
    expect(kinds([book(9), series], { refusals: [[series, doubt]] })).toEqual(['accepted', 'in-doubt']);
  });

  test('keeps the verdict of its coach for when the client can', () => {
    const [free, series] = [book(9), submissionOf(scheduleSeries())];
    const { verdicts } = decide([free, series, book(9)], {
      refusals: [
        [free, doubt],
        [series, doubt],
      ],
    });
    expect(verdicts[0]).toMatchObject({ ifFree: { kind: 'accepted', events: [{ type: 'SessionScheduled' }] } });
    expect(verdicts[1]).toMatchObject({
      ifFree: { kind: 'accepted', events: [{ type: 'SeriesScheduled' }, {}, {}, {}] },
    });
    expect(decide([book(9), series], { refusals: [[series, doubt]] }).verdicts[1]).toMatchObject({
      ifFree: { kind: 'rejected', rejection: { reason: 'SERIES_CONFLICT' } },
    });
  });

  test('gets its first answer when its request id was accepted before', () => {
    const again = book(1, 'key');
    const earlier: EarlierRequest = { sameCoach: true, fingerprint: 'hour 1', revision: 7n };
    expect(kinds([again], { earlier: [['key', earlier]], refusals: [[again, doubt]] })).toEqual(['repeated']);
  });
});
