import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ClientRule, Refusal } from '../../../src/application/client/reserve.js';
import { coachKind, createCoachInbox } from '../../../src/application/coach/coach-inbox.js';
import { createRequestLedger } from '../../../src/application/coach/requests.js';
import { createAggregates } from '../../../src/application/streams/aggregates.js';
import type { Submission } from '../../../src/application/submission.js';
import type { EventStore } from '../../../src/event-store/event-store.js';
import { Cancellation } from '../../../src/waiting.js';
import { createMemoryLog } from '../../support/memory-event-store.js';
import { emptyIndex, submissionOf } from '../../support/submissions.js';
import { zoneRules } from '../../support/zone-rules.js';

const hungUp = new Error('the caller hung up');

/** A rule by which no client's time can be reserved, since the callers have hung up. */
const withoutCallers: ClientRule = {
  withReservations: (command) => command,
  openBatch() {
    const refusals = new Map<Submission, Refusal>();
    return {
      refusals,
      reserve(needs) {
        for (const submission of needs.keys()) refusals.set(submission, { kind: 'failed', error: hungUp });
        return false;
      },
      release: () => undefined,
    };
  },
};

/** Reads take as long as those of a database: others have their turn meanwhile. */
function slow(store: EventStore): EventStore {
  return {
    ...store,
    async *read(stream, from) {
      await setImmediate();
      yield* store.read(stream, from);
    },
  };
}

function book(coachHashId: string, hour: number): Submission {
  const slot = { start: hour * 3_600_000, duration: 60 };
  const who = { sessionId: randomUUID(), coachHashId, clientHashId: 'chris' };
  return submissionOf({ type: 'ScheduleSession', ...who, ...slot, now: 0 });
}

test('a look beside a command whose caller hung up sees the coach, and nobody is left with the error', async () => {
  const store = slow(createMemoryLog().open());
  const coach = randomUUID();
  const inbox = createCoachInbox({
    store,
    coaches: createAggregates({ kind: coachKind, store, newId: randomUUID, maxBytes: 1_000_000 }),
    rule: withoutCallers,
    ledger: createRequestLedger(emptyIndex),
    zoneRules,
  });
  // The first has a batch of its own, the others wait for it and have one together.
  const commands = [1, 2].map((hour) => expect(inbox.submit(book(coach, hour))).rejects.toBe(hungUp));
  expect(await inbox.look(coach, ({ revision }) => revision, new Cancellation())).toBe(-1);
  await Promise.all(commands);
});
