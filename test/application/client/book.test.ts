import { expect, test } from 'vitest';
import { createCommands } from '../../../src/application/client/book.js';
import { refuseClientOverlap } from '../../../src/application/client/reserve.js';
import type { Attempt } from '../../../src/application/submission.js';
import { schedule } from '../../support/coach-samples.js';
import { submissionOf } from '../../support/submissions.js';

test('a command whose reservation is outdated every time gets new ones, then gives up', async () => {
  const used: unknown[] = [];
  let ids = 0;
  const newId = () => {
    ids += 1;
    return `reservation ${ids}`;
  };
  const commands = createCommands({
    async submitToCoach({ command }: Attempt) {
      used.push('reservationId' in command && command.reservationId);
      return { kind: 'outdated' };
    },
    rule: refuseClientOverlap({
      clients: { submit: () => expect.fail() },
      newId,
      onReleaseFailed: () => expect.fail(),
    }),
    settle: () => expect.fail(),
    maxAttempts: 3,
  });
  expect(await commands.submit(submissionOf(schedule('09:00')))).toEqual({ kind: 'contended' });
  expect(used).toEqual(['reservation 1', 'reservation 2', 'reservation 3']);
});
