import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { EventMetadataSchema } from '../../src/gen/aceup/scheduler/v1/events_pb.js';
import { changeJson } from '../../src/handlers/answer/change-message.js';
import { at, reminded } from '../support/coach-samples.js';

test('a reminder tells its offset and its time, and the session as it was before', () => {
  const event = reminded({ updatedAt: at('01:00'), reason: 'a late train', sessionRevision: 4 });
  const change = changeJson({
    id: '01900000-0000-7000-8000-000000000001',
    name: 'aceup.scheduler.v1.SessionReminderDue',
    position: 17n,
    revision: 9,
    event,
    metadata: create(EventMetadataSchema, { actor: 'reminders' }),
  });
  expect(change).toMatchObject({
    type: 'SessionReminderDue',
    at: '2030-01-01T08:00:00Z',
    actor: 'reminders',
    reason: '',
    revision: '9',
    offset_minutes: 60,
    session: {
      etag: '4',
      updated_at: '2030-01-01T01:00:00Z',
      reason: 'a late train',
      state: 'SESSION_STATE_SCHEDULED',
    },
  });
});
