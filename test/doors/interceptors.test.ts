import { create } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { ReadModelUnavailable } from '../../src/application/read-model.js';
import { Overloaded } from '../../src/application/streams/inbox.js';
import { hungUp } from '../../src/doors/hung-up.js';
import { deadline } from '../../src/doors/interceptors/deadline.js';
import { logCalls } from '../../src/doors/interceptors/log-calls.js';
import { unavailable } from '../../src/doors/interceptors/unavailable.js';
import { StoreUnavailable } from '../../src/event-store/event-store.js';
import {
  ScheduleSessionRequestSchema,
  ScheduleSessionResponseSchema,
  SessionService,
} from '../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { RetryInfoSchema } from '../../src/gen/google/rpc/error_details_pb.js';
import type { Call, Invoke } from '../../src/handlers/call.js';

const request = create(ScheduleSessionRequestSchema, {
  session: { coachHashId: 'carol', clientHashId: 'a-client-that-no-log-may-show' },
  requestId: 'request-1',
});
const response = create(ScheduleSessionResponseSchema, { session: { id: 'session-1' } });

/** @param caller aborts when the caller hangs up */
const call = (given: Partial<Call> = {}, caller = new AbortController()): Call => ({
  method: SessionService.method.scheduleSession,
  door: 'rest',
  correlationId: 'correlation-1',
  signal: caller.signal,
  abort: (reason) => caller.abort(reason),
  header: () => undefined,
  ...given,
});

const answering: Invoke = async () => response;
const failing =
  (error: unknown): Invoke =>
  async () => {
    throw error;
  };
/** Waits until its signal aborts. */
const waiting: Invoke = (_, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe('the log', () => {
  /** What is logged about one call. */
  async function linesOf(next: Invoke): Promise<Record<string, unknown>[]> {
    const lines: Record<string, unknown>[] = [];
    const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
    await logCalls(log)(next)(request, call()).catch(() => {});
    return lines;
  }

  test('has one line for an answered call: its ids and its outcome', async () => {
    expect(await linesOf(answering)).toEqual([
      expect.objectContaining({
        level: 30,
        msg: 'OK',
        method: 'ScheduleSession',
        door: 'rest',
        correlationId: 'correlation-1',
        session: 'session-1',
        coach: 'carol',
        requestId: 'request-1',
      }),
    ]);
  });

  test('has one line for a refused call: the code and why', async () => {
    const lines = await linesOf(failing(new ConnectError('the coach has a session', Code.AlreadyExists)));
    expect(lines).toEqual([
      expect.objectContaining({ level: 30, msg: 'AlreadyExists', why: 'the coach has a session' }),
    ]);
  });

  test('has a warning for what is away', async () => {
    const lines = await linesOf(failing(new ConnectError('away', Code.Unavailable)));
    expect(lines).toEqual([expect.objectContaining({ level: 40, msg: 'Unavailable' })]);
  });

  test('has the stack of a defect, of which the caller learns nothing', async () => {
    const defect = failing(new Error('password: secret'));
    expect(await linesOf(defect)).toEqual([
      expect.objectContaining({
        level: 50,
        msg: 'Internal',
        err: expect.objectContaining({ stack: expect.any(String) }),
      }),
    ]);
    const answer = logCalls(pino({ level: 'silent' }))(defect)(request, call());
    await expect(answer).rejects.toMatchObject({ code: Code.Internal, rawMessage: 'internal error' });
  });

  test('never has the content of a request', async () => {
    expect(JSON.stringify(await linesOf(answering))).not.toContain('a-client-that-no-log-may-show');
  });
});

describe('the deadline', () => {
  test('an answer in time is passed on', async () => {
    expect(await deadline(1_000)(answering)(request, call())).toBe(response);
  });

  test.each<[string, number, Partial<Call>]>([
    ['the service’s own limit', 10, {}],
    ['the caller’s deadline, when that is sooner', 10_000, { deadline: Date.now() + 10 }],
    ['a deadline that has passed', 10_000, { deadline: Date.now() - 1 }],
  ])('%s ends the call and tells the handler', async (_, limit, given) => {
    await expect(deadline(limit)(waiting)(request, call(given))).rejects.toMatchObject({ code: Code.DeadlineExceeded });
  });

  test('a caller that hangs up ends the call', async () => {
    const caller = new AbortController();
    const answer = deadline(10_000)(waiting)(request, call({}, caller));
    caller.abort(hungUp());
    await expect(answer).rejects.toMatchObject({ code: Code.Canceled });
  });

  test('a call whose caller is gone already is not begun', async () => {
    let begun = false;
    const caller = new AbortController();
    caller.abort(hungUp());
    const answer = deadline(10_000)(async () => {
      begun = true;
      return response;
    })(request, call({}, caller));
    await expect(answer).rejects.toMatchObject({ code: Code.Canceled });
    expect(begun).toBe(false);
  });
});

describe('a part that is away', () => {
  test.each([
    new StoreUnavailable('connection refused'),
    new ReadModelUnavailable('connection refused'),
    new Overloaded('10000 commands are waiting'),
  ])('$name is UNAVAILABLE, with a time to try again, and nothing internal', async (error) => {
    const answer = await unavailable(failing(error))(request, call()).catch((thrown: ConnectError) => thrown);
    expect(answer).toMatchObject({ code: Code.Unavailable });
    expect((answer as ConnectError).findDetails(RetryInfoSchema)).toHaveLength(1);
    expect((answer as ConnectError).rawMessage).not.toContain(error.message);
  });

  test('any other error passes', async () => {
    const error = new Error('a defect');
    await expect(unavailable(failing(error))(request, call())).rejects.toBe(error);
  });
});
