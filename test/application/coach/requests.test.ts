import { describe, expect, test } from 'vitest';
import {
  type AcceptedRequest,
  createRequestLedger,
  type RequestIndex,
} from '../../../src/application/coach/requests.js';
import type { Aggregate } from '../../../src/application/streams/aggregates.js';
import { RecentRequests } from '../../../src/application/streams/recent-requests.js';
import { type CoachState, initialCoach } from '../../../src/domain/coach/coach.js';
import type { Position } from '../../../src/event-store/event-store.js';

const request = { fingerprint: 'content', revision: 3n };

/** Carol, who remembers `recent` and has forgotten what she accepted up to a position. */
function carol({ forgottenUpTo = 0n, recent = [] as string[] } = {}): Aggregate<CoachState> {
  const recentRequests = forgottenUpTo > 0n ? RecentRequests.after(forgottenUpTo) : new RecentRequests();
  for (const id of recent) recentRequests.add(id, request, 20n);
  return { id: 'carol', state: initialCoach, revision: 9n, recentRequests };
}

/** An index with the key, accepted by these coaches, and what it was asked. */
function indexOf(...coaches: string[]) {
  const asked: [readonly string[], Position][] = [];
  const index: RequestIndex = {
    async find(ids, upTo) {
      asked.push([ids, upTo]);
      const accepted = coaches.map((coachHashId): AcceptedRequest => ({ coachHashId, ...request }));
      return coaches.length === 0 ? new Map() : new Map([['key', accepted]]);
    },
  };
  return { index, asked };
}

const BY_CAROL = { sameCoach: true, fingerprint: 'content', revision: 3n };
const BY_ANOTHER = { sameCoach: false };

describe('a request that the coach remembers', () => {
  test('is found without the index', async () => {
    const { index, asked } = indexOf();
    const earlier = await createRequestLedger(index).findEarlier(carol({ recent: ['key'] }), ['key']);
    expect(earlier.get('key')).toMatchObject(BY_CAROL);
    expect(asked).toEqual([]);
  });

  test("is the coach's own, whatever other coaches have noted", async () => {
    const ledger = createRequestLedger(indexOf().index);
    ledger.note('key', 'dora');
    expect((await ledger.findEarlier(carol({ recent: ['key'] }), ['key'])).get('key')).toMatchObject(BY_CAROL);
  });
});

describe('a request that the coach does not remember', () => {
  test('is looked for in the index, up to what the coach has forgotten, and no others are', async () => {
    const { index, asked } = indexOf('carol');
    const coach = carol({ forgottenUpTo: 10n, recent: ['recent'] });
    const earlier = await createRequestLedger(index).findEarlier(coach, ['recent', 'key', 'new', 'key']);
    expect(asked).toEqual([[['key', 'new'], 10n]]);
    expect(earlier.get('key')).toEqual(BY_CAROL);
    expect([...earlier.keys()]).toEqual(['recent', 'key']);
  });

  test('belongs to another coach when the index has it of no other', async () => {
    const ledger = createRequestLedger(indexOf('dora').index);
    expect((await ledger.findEarlier(carol(), ['key'])).get('key')).toEqual(BY_ANOTHER);
  });

  test('gets its first answer when this coach accepted it, too, in whatever order the index has them', async () => {
    for (const { index } of [indexOf('carol', 'dora'), indexOf('dora', 'carol')]) {
      expect((await createRequestLedger(index).findEarlier(carol(), ['key'])).get('key')).toEqual(BY_CAROL);
    }
  });

  test('and another coach accepted here a moment ago, belongs to that one without the index', async () => {
    const { index, asked } = indexOf();
    const ledger = createRequestLedger(index);
    ledger.note('key', 'dora');
    expect((await ledger.findEarlier(carol(), ['key'])).get('key')).toEqual(BY_ANOTHER);
    expect(asked).toEqual([]);
  });

  test('gets its first answer although another coach accepted it here, when this one has forgotten requests', async () => {
    const ledger = createRequestLedger(indexOf('carol').index);
    ledger.note('key', 'dora');
    expect((await ledger.findEarlier(carol({ forgottenUpTo: 10n }), ['key'])).get('key')).toEqual(BY_CAROL);
  });

  test('and another coach accepted here, belongs to that one although the index has not come that far', async () => {
    const ledger = createRequestLedger(indexOf().index);
    ledger.note('key', 'dora');
    expect((await ledger.findEarlier(carol({ forgottenUpTo: 10n }), ['key'])).get('key')).toEqual(BY_ANOTHER);
  });

  test('is new when only this coach was noted, and the index does not have it', async () => {
    const ledger = createRequestLedger(indexOf().index);
    ledger.note('key', 'carol');
    expect((await ledger.findEarlier(carol(), ['key'])).size).toBe(0);
  });
});
