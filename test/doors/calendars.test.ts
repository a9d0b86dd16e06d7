import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { readBack } from '../calendars/written.js';
import {
  cancelSession,
  type Door,
  getCalendar,
  getSessionCalendar,
  holdSlot,
  rescheduleSession,
  scheduleSession,
} from '../support/doors.js';
import { startTestService } from '../support/service.js';
import { HASH_ID_RULE } from './offering/mistake.js';
import { holdIn, idIn, responseOf, wanted } from './session-life/samples.js';
import { throughEveryDoor } from './through-every-door.js';

const MAIL_RULE = 'must be a mail address such as ann@example.com, of at most 254 characters';

throughEveryDoor(startTestService, [calendars, attachments, mistakes]);

function calendars(call: Door['call']): void {
  const read = async (request: JsonObject) => {
    const { calendar, etag } = responseOf(await call(getCalendar, request)) as unknown as Record<string, string>;
    return { etag, events: readBack(calendar!) };
  };

  describe('a calendar', () => {
    test('follows a session through its life: one UID, a sequence that grows', async () => {
      const slot = wanted();
      const of = { coach_hash_id: slot['coach_hash_id'] as string };
      const id = idIn(await call(scheduleSession, { session: slot }));
      const lives = [await read(of)];
      await call(rescheduleSession, { id, start: '2030-06-01T09:00:00Z' });
      lives.push(await read(of));
      await call(cancelSession, { id, cancelled_by: 'PARTY_COACH' });
      lives.push(await read(of));

      const events = lives.map((life) => life.events[0]!);
      expect(events.map(({ uid, status }) => [uid, status])).toEqual([
        [id, 'CONFIRMED'],
        [id, 'CONFIRMED'],
        [id, 'CANCELLED'],
      ]);
      const sequences = events.map(({ sequence }) => sequence);
      expect(sequences).toEqual([...new Set(sequences)].toSorted((one, other) => one - other));
      expect(new Set(lives.map(({ etag }) => etag)).size).toBe(3);
    });

    test('of a coach has what is held; that of the client has not', async () => {
      const slot = wanted();
      const { id, expires_at } = holdIn(await call(holdSlot, { hold: slot }));
      expect(Date.parse(expires_at as string)).toBeGreaterThan(Date.now());
      const { events } = await read({ coach_hash_id: slot['coach_hash_id'] as string });
      expect(events).toMatchObject([{ uid: id, status: 'TENTATIVE' }]);
      expect((await read({ client_hash_id: slot['client_hash_id'] as string })).events).toEqual([]);
    });

    test('of somebody who is not known is empty', async () => {
      expect((await read({ client_hash_id: randomUUID() })).events).toEqual([]);
    });
  });
}

function attachments(call: Door['call']): void {
  /** The document of a session, and its lines as they were before they were folded. */
  const attachment = async (id: string, people: JsonObject = {}) => {
    const response = responseOf(await call(getSessionCalendar, { id, ...people }));
    const { calendar, method } = response as unknown as Record<string, string>;
    return { method, event: readBack(calendar!)[0]!, lines: calendar!.replaceAll('\r\n ', '').split('\r\n') };
  };
  const starting = (lines: readonly string[], ...names: string[]) =>
    lines.filter((line) => names.some((name) => line.startsWith(name)));

  describe('a session for a mail', () => {
    test('invites, and takes the invitation back with a later sequence', async () => {
      const id = idIn(await call(scheduleSession, { session: wanted() }));
      const people = { organizer: 'office@example.com', attendee: 'ann+1@example.com' };
      const invited = await attachment(id.toUpperCase(), people);
      expect(invited.method).toBe('REQUEST');
      expect(starting(invited.lines, 'METHOD', 'STATUS', 'ORGANIZER', 'ATTENDEE')).toEqual([
        'METHOD:REQUEST',
        'STATUS:CONFIRMED',
        'ORGANIZER:mailto:office@example.com',
        'ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ann+1@example.com',
      ]);

      await call(cancelSession, { id, cancelled_by: 'PARTY_CLIENT' });
      const cancelled = await attachment(id, people);
      expect(cancelled.method).toBe('CANCEL');
      expect(starting(cancelled.lines, 'METHOD', 'STATUS', 'ATTENDEE')).toEqual([
        'METHOD:CANCEL',
        'STATUS:CANCELLED',
        'ATTENDEE;ROLE=REQ-PARTICIPANT:mailto:ann+1@example.com',
      ]);
      expect(cancelled.event.uid).toBe(invited.event.uid);
      expect(cancelled.event.sequence).toBeGreaterThan(invited.event.sequence);
    });

    test('has an organizer also when none is named, and asks nobody for an answer', async () => {
      const id = idIn(await call(scheduleSession, { session: wanted() }));
      const { lines } = await attachment(id, { attendee: 'ann@example.com' });
      expect(starting(lines, 'ORGANIZER', 'ATTENDEE')).toEqual([
        'ORGANIZER:invalid:nomail',
        'ATTENDEE;ROLE=REQ-PARTICIPANT:mailto:ann@example.com',
      ]);
    });

    test('that does not exist is not found', async () => {
      expect(await call(getSessionCalendar, { id: randomUUID() })).toMatchObject({ code: 'NotFound' });
    });
  });
}

function mistakes(call: Door['call']): void {
  const id = randomUUID();
  test.each<[string, Parameters<Door['call']>[0], JsonObject, ...[string, string][]]>([
    [
      'both',
      getCalendar,
      { coach_hash_id: 'ann', client_hash_id: 'bob' },
      ['client_hash_id', 'must be empty when coach_hash_id is given'],
    ],
    ['an id', getCalendar, { coach_hash_id: 'a b' }, ['coach_hash_id', HASH_ID_RULE]],
    ['a session', getSessionCalendar, { id: 'none' }, ['id', 'must be a UUID']],
    [
      'addresses',
      getSessionCalendar,
      { id, organizer: 'ann', attendee: 'a@b.ch\r\nX-EVIL:1' },
      ['organizer', MAIL_RULE],
      ['attendee', MAIL_RULE],
    ],
  ])('a mistake is told with its rule: %s', async (_, method, request, ...told) => {
    expect(await call(method, request)).toMatchObject({ code: 'InvalidArgument', violations: told });
  });
}
