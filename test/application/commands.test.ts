import { beforeEach, describe, expect, test } from 'vitest';
import type { Commands } from '../../src/application/client/book.js';
import type { Outcome } from '../../src/application/submission.js';
import { clientStream, HOLD_QUOTA } from '../../src/domain/client/client.js';
import { coachStream } from '../../src/domain/coach/coach.js';
import type { CoachCommand } from '../../src/domain/coach/commands.js';
import { type EventStore, StoreUnavailable } from '../../src/event-store/event-store.js';
import { Cancellation } from '../../src/waiting.js';
import {
  at,
  cancel,
  confirm,
  conflict,
  hold,
  hour,
  occurrence,
  release,
  reschedule,
  rescheduleSeries,
  schedule,
  scheduleSeries,
} from '../support/coach-samples.js';
import { commandProcess, pausesOnly } from '../support/command-process.js';
import { readAll } from '../support/event-store-follow.js';
import { createMemoryLog } from '../support/memory-event-store.js';
import { type SubmissionOptions, submissionOf } from '../support/submissions.js';

let store: EventStore;
let commands: Commands;

beforeEach(() => {
  store = createMemoryLog().open();
  commands = commandProcess(store);
});

const send = (command: CoachCommand, options: SubmissionOptions = {}, to = commands): Promise<Outcome> =>
  to.submit(submissionOf(command, options));

/** Chris with another coach at the same time. */
const withDora = { coachHashId: 'dora', sessionId: 'with-dora' } as const;

const typesIn = async (stream: string) => (await readAll(store, stream)).map(({ type }) => type.split('.').at(-1));
const ofCoach = (coach = 'carol') => typesIn(coachStream(coach));
const ofChris = () => typesIn(clientStream('chris'));

/** A process that dies when it is about to write to a coach: what it reserved is left behind. */
function dying(): Commands {
  const cut: EventStore = {
    ...store,
    append: (stream, ...rest) =>
      stream.startsWith('coach-') ? Promise.reject(new StoreUnavailable('died')) : store.append(stream, ...rest),
  };
  return commandProcess(cut);
}

const dieOver = (command: CoachCommand) => expect(send(command, {}, dying())).rejects.toThrow(StoreUnavailable);

type Rest = [expected: Parameters<EventStore['append']>[1], events: Parameters<EventStore['append']>[2]];
const isOfClient = (stream: string) => stream.startsWith('client-');
const dead = () => Promise.reject(new StoreUnavailable('died'));

const CLIENT_OVERLAP = {
  kind: 'rejected',
  rejection: { reason: 'CLIENT_OVERLAP', inTheWay: hour('09:00') },
} as const;

describe("a client's time", () => {
  test('is reserved before the coach is booked', async () => {
    await send(schedule('09:00'));
    expect(await ofChris()).toEqual(['TimeReserved']);
    expect(await ofCoach()).toEqual(['SessionScheduled']);
  });

  test('cannot be taken by two coaches, and the refusal names what is in the way', async () => {
    await send(schedule('09:00'));
    expect(await send(schedule('09:30', 60, withDora))).toEqual(CLIENT_OVERLAP);
    expect(await ofCoach('dora')).toEqual([]);
    expect(await ofChris()).toEqual(['TimeReserved']);
  });

  test('cannot be taken by two coaches at the same moment, in two processes', async () => {
    const outcomes = await Promise.all([
      send(schedule('09:00')),
      send(schedule('09:00', 60, withDora), {}, commandProcess(store)),
    ]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['accepted', 'rejected']);
  });

  test('may be taken twice when clients may overlap', async () => {
    const allowing = commandProcess(store, { clientOverlap: 'allow' });
    await send(schedule('09:00'), {}, allowing);
    expect(await send(schedule('09:00', 60, withDora), {}, allowing)).toMatchObject({ kind: 'accepted' });
    expect(await ofChris()).toEqual([]);
  });

  test('that was reserved while clients might not overlap is released also when they may', async () => {
    await send(schedule('09:00'));
    await send(cancel(), {}, commandProcess(store, { clientOverlap: 'allow' }));
    expect(await ofChris()).toEqual(['TimeReserved', 'TimeReleased']);
  });

  test('is released when the coach refuses', async () => {
    await send(schedule('09:00', 60, { clientHashId: 'dave' }));
    // A process that has seen the coach before the booking has to find it out.
    const late = commandProcess(store);
    await send(schedule('20:00', 60, { clientHashId: 'dave' }), {}, late);
    await send(schedule('12:00', 60, { clientHashId: 'dave' }));
    expect(await send(schedule('12:30'), {}, late)).toMatchObject({ rejection: { reason: 'COACH_OVERLAP' } });
    expect(await ofChris()).toEqual(['TimeReserved', 'TimeReleased']);
  });

  /** A store that takes its time over clients. */
  const slowForClients = (): EventStore => ({
    ...store,
    async append(stream, ...rest) {
      if (isOfClient(stream)) await new Promise((resolve) => setTimeout(resolve, 20));
      return store.append(stream, ...rest);
    },
  });

  test.each([
    ['released', 'when the session is cancelled', [schedule('09:00')], cancel(), 'TimeReleased'],
    ['confirmed', 'when the hold is', [hold('09:00')], confirm('09:00'), 'ReservationConfirmed'],
  ])('is %s %s, before the command is answered', async (_, __, history, command, last) => {
    for (const one of history) await send(one);
    expect(await send(command, {}, commandProcess(slowForClients()))).toMatchObject({ kind: 'accepted' });
    expect(await ofChris()).toEqual(['TimeReserved', last]);
  });

  test('is released before a refusal is answered', async () => {
    const slow = commandProcess(slowForClients());
    await send(schedule('20:00', 60, { clientHashId: 'dave' }), {}, slow);
    await send(schedule('12:00', 60, { clientHashId: 'dave' }));
    expect(await send(schedule('12:30'), {}, slow)).toMatchObject({ rejection: { reason: 'COACH_OVERLAP' } });
    expect(await ofChris()).toEqual(['TimeReserved', 'TimeReleased']);
  });

  test('that cannot be released fails no command, and is reported', async () => {
    await send(schedule('09:00'));
    const failures: unknown[] = [];
    const cut = {
      ...store,
      append: (stream: string, ...rest: Rest) => (isOfClient(stream) ? dead() : store.append(stream, ...rest)),
    };
    const process = commandProcess(cut, { onReleaseFailed: (error) => failures.push(error) });
    expect(await send(cancel(), {}, process)).toMatchObject({ kind: 'accepted' });
    expect(failures).toEqual([new StoreUnavailable('died')]);
    expect(await ofChris()).toEqual(['TimeReserved']);
  });

  test.each<[string, CoachCommand[]]>([
    ['cancelled', [schedule('09:00'), cancel()]],
    ['moved', [schedule('09:00'), reschedule('12:00')]],
    ['released as a hold', [hold('09:00'), release('09:00')]],
  ])('is free for another coach once it was %s', async (_, history) => {
    for (const command of history) await send(command);
    // Dora need not ask Carol.
    expect(await ofChris()).toContain('TimeReleased');
    expect(await send(schedule('09:00', 60, withDora))).toMatchObject({ kind: 'accepted' });
  });

  test.each<[string, CoachCommand[]]>([
    ['a hold', [hold('09:00')]],
    ['a confirmed hold', [hold('09:00'), confirm('09:00')]],
    ['a session that was moved there', [schedule('09:00'), reschedule('12:00'), reschedule('09:00')]],
  ])('is taken by %s', async (_, history) => {
    for (const command of history) await send(command);
    expect(await send(schedule('09:30', 60, withDora))).toEqual(CLIENT_OVERLAP);
  });

  test('is taken by a hold until the hold expires, which is then recorded', async () => {
    await send(hold('09:00'));
    const now = at('00:10');
    expect(await send(schedule('09:00', 60, { ...withDora, now }))).toMatchObject({ kind: 'accepted' });
    expect(await ofCoach()).toEqual(['SlotHeld', 'HoldExpired']);
    expect(await send(confirm('09:00'))).toMatchObject({ rejection: { reason: 'HOLD_EXPIRED' } });
  });
});

describe('what a crash left behind', () => {
  test('is abandoned after some patience, and the client is booked', async () => {
    await dieOver(schedule('09:00'));
    const waiting = pausesOnly();
    const patient = commandProcess(store, { patience: 500, waiting });
    expect(await send(schedule('09:00', 60, withDora), {}, patient)).toMatchObject({ kind: 'accepted' });
    expect(waiting.elapsed()).toBeGreaterThanOrEqual(500);
    expect(await ofCoach()).toEqual(['ReservationAbandoned']);
    expect(await ofChris()).toEqual(['TimeReserved', 'TimeReleased', 'TimeReserved']);
  });

  test('does not make commands for the same coach wait', async () => {
    await dieOver(schedule('09:00'));
    const waiting = pausesOnly();
    const again = schedule('09:00', 60, { sessionId: 'again' });
    expect(await send(again, {}, commandProcess(store, { waiting }))).toMatchObject({ kind: 'accepted' });
    expect(waiting.elapsed()).toBe(0);
  });

  test('does not count for the quota of holds', async () => {
    for (let nr = 0; nr < HOLD_QUOTA; nr += 1) await dieOver(hold(`1${nr}:00`));
    expect(await send(hold('09:00'))).toMatchObject({ kind: 'accepted' });
  });

  test('may be of a process that is only late: it reserves the time again', async () => {
    await send(schedule('20:00'));
    const late = commandProcess({
      ...store,
      append: async (stream, ...rest) => {
        // Between its reservation and its session, another one has lost patience.
        if (stream === coachStream('carol') && (await ofCoach()).length === 1) {
          await send({ ...schedule('09:30', 60, withDora), start: at('09:30') }, {}, commandProcess(store));
          await send(cancel({ coachHashId: 'dora', sessionId: 'with-dora' }), {}, commandProcess(store));
        }
        return store.append(stream, ...rest);
      },
    });
    const outcome = await send(schedule('09:00'), {}, late);
    expect(outcome).toMatchObject({ kind: 'accepted', events: [{ type: 'SessionScheduled' }] });
    expect(outcome.kind === 'accepted' && outcome.events[0]).not.toHaveProperty(
      'reservationId',
      'reservation-at-09:00',
    );
    expect(await ofCoach()).toEqual(['SessionScheduled', 'ReservationAbandoned', 'SessionScheduled']);
  });
});

test.each([
  [
    'length',
    { start: '12:00', duration: undefined },
    { start: undefined, duration: 90 },
    { start: '12:00', duration: 90 },
  ],
  [
    'time',
    { start: undefined, duration: 90 },
    { start: '12:00', duration: undefined },
    { start: '12:00', duration: 90 },
  ],
])(
  'a session whose %s changes while it is being moved keeps the time that it has in the end',
  async (_, here, there, end) => {
    await send(schedule('09:00'));
    const move = ({ start, duration }: { start: string | undefined; duration: number | undefined }, id: string) =>
      reschedule(start, { duration, reservationId: id });
    let overtaken = false;
    const overtakenOnce = commandProcess({
      ...store,
      append: async (stream, ...rest) => {
        if (stream === coachStream('carol') && !overtaken) {
          overtaken = true;
          await send(move(there, 'there'));
        }
        return store.append(stream, ...rest);
      },
    });
    expect(await send(move(here, 'here'), {}, overtakenOnce)).toMatchObject({ kind: 'accepted' });

    const moved = (await readAll(store, coachStream('carol'))).at(-1)?.data ?? {};
    expect(moved).toMatchObject({
      duration: end.duration,
      start: new Date(at(end.start)).toISOString().replace('.000', ''),
    });
    const reserved = (await readAll(store, clientStream('chris'))).map(({ data }) => data);
    const used = reserved.find(({ reservationId }) => reservationId === moved['reservationId']);
    expect(used).toMatchObject({ start: moved['start'], duration: moved['duration'] });
  },
);

test('a reservation in the way that becomes a session meanwhile is named in the refusal', async () => {
  let goOn = () => {};
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const slow = commandProcess({
    ...store,
    append: async (stream, ...rest) => {
      if (stream === coachStream('carol')) await gate;
      return store.append(stream, ...rest);
    },
  });
  const slowly = send(schedule('09:00'), {}, slow);
  await expect.poll(ofChris).toEqual(['TimeReserved']);

  const waiting = pausesOnly();
  const watched = commandProcess(store, {
    waiting: {
      ...waiting,
      pause: async (...pause) => {
        goOn();
        await slowly;
        return waiting.pause(...pause);
      },
    },
  });
  expect(await send(schedule('09:30', 60, withDora), {}, watched)).toEqual(CLIENT_OVERLAP);
  expect(await ofCoach()).toEqual(['SessionScheduled']);
});

test('time that another process has freed is free here, too, without asking its coach', async () => {
  const [here, there] = [commands, commandProcess(store)];
  await send(schedule('09:00'), {}, here);
  await send(schedule('12:00', 60, { coachHashId: 'dora' }), {}, there);
  await send(reschedule('15:00'), {}, here);
  expect(await send(schedule('09:00', 60, withDora), {}, there)).toMatchObject({ kind: 'accepted' });
  expect(await ofCoach()).toEqual(['SessionScheduled', 'SessionRescheduled']);
});

describe('the holds of a client', () => {
  const fill = async () => {
    for (let nr = 0; nr < HOLD_QUOTA; nr += 1) await send(hold(`1${nr}:00`));
  };

  test('are not more than allowed, with all coaches together', async () => {
    await fill();
    const withDora = hold('20:00', { coachHashId: 'dora' });
    expect(await send(withDora)).toEqual({ kind: 'rejected', rejection: { reason: 'HOLD_QUOTA' } });
    expect(await ofCoach('dora')).toEqual([]);
  });

  test.each([true, false])(
    'do not count once they are sessions, whatever a crash kept from the client (validate only: %s)',
    async (validateOnly) => {
      await fill();
      const cut = {
        ...store,
        append: (stream: string, ...rest: Rest) => (isOfClient(stream) ? dead() : store.append(stream, ...rest)),
      };
      await send(confirm('10:00'), {}, commandProcess(cut));
      expect(await ofChris()).not.toContain('ReservationConfirmed');
      expect(await send(hold('20:00'), { validateOnly })).toMatchObject({ kind: 'accepted' });
      expect((await ofChris()).includes('ReservationConfirmed')).toBe(!validateOnly);
      expect(await send(schedule('10:00', 60, withDora))).toMatchObject({ rejection: { reason: 'CLIENT_OVERLAP' } });
    },
  );

  test.each([
    ['confirmed', confirm('10:00')],
    ['released', release('10:00')],
  ])('may be as many again when one is %s', async (_, command) => {
    await fill();
    await send(command);
    expect(await send(hold('20:00'))).toMatchObject({ kind: 'accepted' });
  });
});

describe('a request id', () => {
  const requestId = 'request';

  test('sent again gets the first answer, though the time is now taken with another coach', async () => {
    const behind = commandProcess(store);
    await send(schedule('20:00'), {}, behind);
    const first = await send(schedule('09:00'), { requestId });
    await send(cancel());
    await send(schedule('09:00', 60, withDora));
    const again = schedule('09:00', 60, { sessionId: 'again' });
    expect(await send(again, { requestId }, behind)).toEqual(first);
  });

  test('sent again gets the first answer, though the client has as many holds as are allowed', async () => {
    const behind = commandProcess(store);
    await send(schedule('20:00'), {}, behind);
    const first = await send(hold('09:00'), { requestId });
    for (let nr = 1; nr < HOLD_QUOTA; nr += 1) await send(hold(`1${nr}:00`));
    const again = hold('09:00', { holdId: 'again' });
    expect(await send(again, { requestId }, behind)).toEqual(first);
  });

  test('sent many times at once reserves the time once', async () => {
    // While the first is being carried out, the others gather.
    const first = send(schedule('20:00'));
    const copies = Array.from({ length: 5 }, (_, nr) => {
      return send(schedule('09:00', 60, { sessionId: `copy-${nr}` }), { requestId, validateOnly: nr === 2 });
    });
    const outcomes = await Promise.all([first, ...copies]);
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['accepted']));
    expect(await ofChris()).toEqual(['TimeReserved', 'TimeReserved']);
  });

  test('sent again leaves no time reserved', async () => {
    await send(schedule('09:00'), { requestId });
    const again = schedule('09:00', 60, { sessionId: 'again' });
    await send(again, { requestId }, commandProcess(store));
    expect(await ofChris()).toEqual(['TimeReserved']);
  });
});

describe('with validate_only', () => {
  const validateOnly = true;

  test('a command is decided, and nothing is written', async () => {
    expect(await send(schedule('09:00'), { validateOnly })).toMatchObject({
      kind: 'accepted',
      events: [{ type: 'SessionScheduled' }],
      revision: undefined,
      position: undefined,
    });
    expect([await ofCoach(), await ofChris()]).toEqual([[], []]);
  });

  test('a command for a client that has no time is refused', async () => {
    await send(schedule('09:00'));
    expect(await send(schedule('09:30', 60, withDora), { validateOnly })).toEqual(CLIENT_OVERLAP);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['what a crash left', () => dieOver(schedule('09:00'))],
    ['a hold that has expired', () => send(hold('09:00', { expiresAt: at('00:00') }))],
  ])('%s is not in the way, and is left as it is', async (_, leave) => {
    await leave();
    const before = [await ofCoach(), await ofChris()];
    const waiting = pausesOnly();
    const process = commandProcess(store, { waiting });
    expect(await send(schedule('09:00', 60, withDora), { validateOnly }, process)).toMatchObject({ kind: 'accepted' });
    expect([await ofCoach(), await ofChris(), waiting.elapsed()]).toEqual([...before, 0]);
  });

  test('the quota is counted, without what a crash left', async () => {
    for (let nr = 1; nr < HOLD_QUOTA; nr += 1) await send(hold(`1${nr}:00`));
    await dieOver(hold('10:00'));
    const another = () => send(hold('20:00'), { validateOnly });
    expect(await another()).toMatchObject({ kind: 'accepted' });
    await send(hold('10:00'));
    expect(await another()).toMatchObject({ rejection: { reason: 'HOLD_QUOTA' } });
  });
});

describe('a series', () => {
  const DAY = 86_400_000;
  const second = { ...withDora, start: occurrence(2).start };

  test('is refused with every conflict, of the coach and of the client', async () => {
    await send(schedule('09:00', 60, { ...second }));
    await send(schedule('09:30', 60, { clientHashId: 'dave', start: at('09:30') + 2 * DAY }));
    expect(await send(scheduleSeries())).toEqual({
      kind: 'rejected',
      rejection: {
        reason: 'SERIES_CONFLICT',
        conflicts: [
          conflict(2, 'CLIENT_OVERLAP', at('09:00') + DAY),
          conflict(3, 'COACH_OVERLAP', at('09:30') + 2 * DAY),
        ],
      },
    });
    expect(await ofChris()).toEqual(['TimeReserved']);
  });

  test('is booked without what the client cannot come to when conflicts are to be skipped', async () => {
    await send(schedule('09:00', 60, second));
    expect(await send(scheduleSeries({ skipConflicts: true }))).toMatchObject({
      kind: 'accepted',
      events: [
        { type: 'SeriesScheduled', skipped: [{ occurrence: 2, reason: 'CLIENT_OVERLAP' }] },
        { occurrence: 1 },
        { occurrence: 3 },
      ],
    });
  });

  test('is moved over itself', async () => {
    await send(scheduleSeries());
    expect(await send(rescheduleSeries(DAY))).toMatchObject({ kind: 'accepted' });
    expect(await send(schedule('09:00', 60, second))).toMatchObject({ kind: 'accepted' });
  });

  test('that cannot be moved does not have its own sessions among its conflicts', async () => {
    await send(scheduleSeries());
    // The place of the third one is taken, so that it stays where the second one is to go.
    await send(schedule('09:00', 60, { ...withDora, start: occurrence(3).start + DAY }));
    const outcome = await send(rescheduleSeries(DAY));
    expect(outcome).toMatchObject({ rejection: { reason: 'SERIES_CONFLICT', conflicts: [{ occurrence: 3 }] } });
  });
});

test('a command that always loses to others gives up, and leaves no time reserved', async () => {
  const busy = commandProcess({
    ...store,
    append: (stream, ...rest) =>
      stream.startsWith('coach-')
        ? Promise.resolve({ outcome: 'conflict', actual: 0n })
        : store.append(stream, ...rest),
  });
  expect(await send(schedule('09:00'), {}, busy)).toEqual({ kind: 'contended' });
  expect(await ofChris()).toEqual(['TimeReserved', 'TimeReleased']);
});

test('a command that nobody waits for any more stops waiting', async () => {
  await dieOver(schedule('09:00'));
  const leaving = new Cancellation();
  const waiting = pausesOnly();
  const process = commandProcess(store, {
    patience: Number.POSITIVE_INFINITY,
    waiting: {
      ...waiting,
      pause: (...pause) => {
        leaving.abort(new Error('gone'));
        return waiting.pause(...pause);
      },
    },
  });
  await expect(send(schedule('09:00', 60, withDora), { cancellation: leaving }, process)).rejects.toThrow('gone');
});
