import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { asRead } from '../../support/event-store-samples.js';
import { NOON, project, recorded, scheduled, stored, testWorld } from '../support.js';

test('every event of a session is a row of its own, with who asked for it and how it left the session', async () => {
  const { pool } = await testWorld();
  const { type: _, ...session } = scheduled();
  const [booked, cancelled] = recorded(
    { type: 'SessionScheduled', ...session },
    { type: 'SessionCancelled', ...session, cancelledAt: NOON, cancelledBy: 'client', reason: 'ill' },
  );
  const correlationId = randomUUID();
  const { metadata } = asRead(stored(scheduled(), { actor: 'desk', subject: 'svc', requestId: 'r-1', correlationId }));
  await project(pool, booked!, { ...cancelled!, metadata });
  // What comes again is not noted again.
  await project(pool, booked!);

  const row = {
    session_id: session.sessionId,
    revision: 0n,
    type: 'SessionScheduled',
    decided_at: new Date(session.scheduledAt),
    actor: null,
    subject: null,
    reason: null,
    request_id: null,
    correlation_id: null,
    position: 1n,
    coach_hash_id: 'ann',
    client_hash_id: 'bob',
    start: new Date(NOON),
    duration: 60,
    state: 'scheduled',
    series_id: null,
    occurrence: null,
    local_start: null,
    cancelled_by: null,
    absent: null,
    created_at: new Date(session.scheduledAt),
    offset_minutes: null,
  };
  expect((await pool.query('select * from read_model.session_history order by revision')).rows).toEqual([
    row,
    {
      ...row,
      revision: 1n,
      type: 'SessionCancelled',
      decided_at: new Date(NOON),
      actor: 'desk',
      subject: 'svc',
      reason: 'ill',
      request_id: 'r-1',
      correlation_id: correlationId,
      position: 2n,
      state: 'cancelled',
      cancelled_by: 'client',
    },
  ]);
});

test('a reminder is a row, too, and leaves the session as it is', async () => {
  const { pool } = await testWorld();
  const { type: _, ignoredPolicy: __, ...session } = scheduled();
  const events = recorded(scheduled(session), {
    type: 'SessionReminderDue',
    ...session,
    offsetMinutes: 15,
    remindedAt: NOON - 14 * 60_000,
    updatedAt: session.scheduledAt,
    reason: undefined,
    sessionRevision: 0,
  });
  await project(pool, ...events);
  const columns = 'revision, type, decided_at, reason, offset_minutes, state';
  expect((await pool.query(`select ${columns} from read_model.session_history where revision > 0`)).rows).toEqual([
    {
      revision: 1n,
      type: 'SessionReminderDue',
      decided_at: new Date(NOON - 14 * 60_000),
      reason: null,
      offset_minutes: 15,
      state: 'scheduled',
    },
  ]);
  const { rows } = await pool.query('select revision, updated_at from read_model.sessions');
  expect(rows).toEqual([{ revision: 0n, updated_at: new Date(session.scheduledAt) }]);
});
