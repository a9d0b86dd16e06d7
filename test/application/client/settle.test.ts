import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { ClientInbox } from '../../../src/application/client/client-inbox.js';
import { type AskCoach, createSettle, type SettleParts, type Use } from '../../../src/application/client/settle.js';
import { Overloaded } from '../../../src/application/streams/inbox.js';
import {
  type Blocked,
  HOLD_QUOTA,
  type InDoubt,
  type Reservation,
  type WantedTime,
} from '../../../src/domain/client/client.js';
import { schedule } from '../../support/coach-samples.js';
import { pausesOnly } from '../../support/command-process.js';
import { type SubmissionOptions, submissionOf } from '../../support/submissions.js';

const HOUR = 3_600_000;

/** Chris's time for Carol in an hour of the day. */
const reservation = (hour: number, holdExpiresAt?: number) =>
  ({
    id: `reservation-${hour}`,
    coachHashId: 'carol',
    sessionId: `session-${hour}`,
    start: hour * HOUR,
    duration: 60,
    holdExpiresAt,
  }) as Reservation;

const inTheWay = (by: Reservation) => ({ wanted: { sessionId: 'wanted' }, by }) as Blocked;

/** Settles a doubt: what coaches answer, by reservation, the last answer again and again. */
async function settle(
  doubt: Partial<InDoubt>,
  answers: Readonly<Record<string, readonly Use[]>>,
  options: SubmissionOptions = {},
  parts: Partial<SettleParts> = {},
  watched = (askCoach: AskCoach) => askCoach,
) {
  const asked: [id: string, abandon: boolean][] = [];
  const askCoach: AskCoach = async ({ id }, _, abandon) => {
    const uses = answers[id]!;
    const use = uses[Math.min(asked.filter(([other]) => other === id).length, uses.length - 1)]!;
    asked.push([id, abandon]);
    return use === 'pending' && abandon ? 'nothing' : use;
  };
  const told: string[] = [];
  const clients: ClientInbox = {
    async submit(id, { command }) {
      const reservations = 'reservations' in command ? command.reservations : [{ reservationId: 'of a confirmation' }];
      told.push(`${id}: ${command.type} ${reservations.map(({ reservationId }) => reservationId)}`);
      return { kind: 'accepted', events: [] };
    },
  };
  const settling = createSettle({ clients, askCoach: watched(askCoach), waiting: pausesOnly(), ...parts });
  const settled = await settling(
    { kind: 'in-doubt', clientHashId: 'chris', blocked: [], holds: [], ...doubt },
    submissionOf(schedule('09:00'), options),
  );
  return { settled, asked, told };
}

describe('a reservation in the way', () => {
  const blocked = [inTheWay(reservation(9))];

  test('that nothing uses is released, and takes no time', async () => {
    const { settled, told } = await settle({ blocked }, { 'reservation-9': ['nothing'] });
    expect(settled).toEqual({ taken: [], isFull: false });
    expect(told).toEqual(['chris: ReleaseTime reservation-9']);
  });

  test.each<Use>(['session', 'hold'])('that a %s uses takes the time, and stays', async (use) => {
    const { settled, told } = await settle({ blocked }, { 'reservation-9': [use] });
    expect(settled).toEqual({ taken: blocked, isFull: false });
    expect(told).toEqual([]);
  });

  test('whose hold became a session is confirmed: it counts as a hold no longer', async () => {
    const ofHold = [inTheWay(reservation(9, HOUR))];
    const { settled, told } = await settle({ blocked: ofHold }, { 'reservation-9': ['session'] });
    expect(settled.taken).toEqual(ofHold);
    expect(told).toEqual(['chris: ConfirmReservation of a confirmation']);
  });

  test('is asked about once, whatever it is in the way of', async () => {
    const twice = [...blocked, inTheWay(reservation(9)), inTheWay(reservation(12))];
    const { settled, asked } = await settle(
      { blocked: twice },
      { 'reservation-9': ['session'], 'reservation-12': ['nothing'] },
    );
    expect(asked.map(([id]) => id)).toEqual(['reservation-9', 'reservation-12']);
    expect(settled.taken).toEqual(twice.slice(0, 2));
  });

  test('is asked about in turn with others, until one takes the time', async () => {
    const wanted = { sessionId: 'wanted' } as WantedTime;
    const day = Array.from({ length: 24 }, (_, hour) => ({ wanted, by: reservation(hour) }));
    const answers = Object.fromEntries(day.map(({ by }) => [by.id, ['nothing']])) as Record<string, Use[]>;
    let underWay = 0;
    let most = 0;
    const watched =
      (askCoach: AskCoach): AskCoach =>
      async (...question) => {
        underWay += 1;
        most = Math.max(most, underWay);
        await nextTurn();
        underWay -= 1;
        return askCoach(...question);
      };
    const { settled, asked } = await settle(
      { blocked: day },
      { ...answers, 'reservation-2': ['session'] },
      {},
      {},
      watched,
    );
    expect(asked.map(([id]) => id)).toEqual(['reservation-0', 'reservation-1', 'reservation-2']);
    expect(settled.taken).toEqual(day.slice(2, 3));
    expect(most).toBe(1);
  });

  test('that may yet be used shares its patience with others', async () => {
    const waiting = pausesOnly();
    const both = [inTheWay(reservation(9)), inTheWay(reservation(12))];
    const pending: Record<string, Use[]> = { 'reservation-9': ['pending'], 'reservation-12': ['pending'] };
    const { asked } = await settle({ blocked: both }, pending, {}, { waiting, patience: 1_000 });
    expect(asked.filter(([id]) => id === 'reservation-12')).toEqual([['reservation-12', true]]);
  });

  test('is not asked about while as many commands are being settled as may be', async () => {
    await expect(settle({ blocked }, {}, {}, { maxSettling: 0 })).rejects.toThrow(Overloaded);
  });

  test('that may yet be used is waited for, and abandoned when patience ends', async () => {
    const waiting = pausesOnly();
    const { settled, asked } = await settle(
      { blocked },
      { 'reservation-9': ['pending'] },
      {},
      { waiting, patience: 1_000 },
    );
    expect(settled.taken).toEqual([]);
    expect(asked.map(([, abandon]) => abandon)).toEqual([...Array(asked.length - 1).fill(false), true]);
    // The pauses double from 5 to 100 ms: 5 + 10 + 20 + 40 + 80 + 9 times 100.
    expect(asked).toHaveLength(15);
    expect(waiting.elapsed()).toBe(1_055);
  });

  test('that is used at last takes the time', async () => {
    const { settled } = await settle({ blocked }, { 'reservation-9': ['pending', 'pending', 'session'] });
    expect(settled.taken).toEqual(blocked);
  });

  test('is waited for by a clock, for as long as patience says', async () => {
    const before = performance.now();
    const realTime = { patience: 60, waiting: undefined };
    const { asked } = await settle({ blocked }, { 'reservation-9': ['pending'] }, {}, realTime);
    expect(performance.now() - before).toBeGreaterThanOrEqual(60);
    expect(asked.length).toBeGreaterThan(2);
  });

  test('with validate_only is abandoned at once, and nothing is written', async () => {
    for (const use of ['pending', 'nothing', 'session'] as const) {
      const ofHold = [inTheWay(reservation(9, HOUR))];
      const { asked, told } = await settle({ blocked: ofHold }, { 'reservation-9': [use] }, { validateOnly: true });
      expect(asked).toEqual([['reservation-9', true]]);
      expect(told).toEqual([]);
    }
  });
});

describe('the holds of a client with as many as are allowed', () => {
  const holds = Array.from({ length: HOLD_QUOTA }, (_, hour) => reservation(hour, HOUR));
  const allUsed = Object.fromEntries(holds.map(({ id }) => [id, ['hold']])) as Record<string, Use[]>;

  test('leave no room while all of them are open', async () => {
    const { settled, told } = await settle({ holds }, allUsed);
    expect(settled).toEqual({ taken: [], isFull: true });
    expect(told).toEqual([]);
  });

  test.each<[Use, string]>([
    ['nothing', 'chris: ReleaseTime reservation-0'],
    ['session', 'chris: ConfirmReservation of a confirmation'],
  ])('leave room when one is used for %s', async (use, command) => {
    const { settled, told } = await settle({ holds }, { ...allUsed, 'reservation-0': [use] });
    expect(settled).toEqual({ taken: [], isFull: false });
    expect(told).toEqual([command]);
  });

  test('are not asked about when time is taken anyway', async () => {
    const blocked = [inTheWay(reservation(9))];
    const { settled, asked } = await settle({ blocked, holds }, { ...allUsed, 'reservation-9': ['session'] });
    expect(settled).toEqual({ taken: blocked, isFull: false });
    expect(asked).toEqual([['reservation-9', false]]);
  });

  test('are counted when what is in the way turns out to be free', async () => {
    const blocked = [inTheWay(reservation(9))];
    const { settled } = await settle({ blocked, holds }, { ...allUsed, 'reservation-9': ['nothing'] });
    expect(settled).toEqual({ taken: [], isFull: true });
  });
});
