import { setImmediate as nextRound } from 'node:timers/promises';
import { create, type Message } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import pino from 'pino';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ReadModelUnavailable } from '../../src/application/read-model.js';
import { Overloaded } from '../../src/application/streams/inbox.js';
import { unauthenticated } from '../../src/authentication/authenticator.js';
import type { Credential } from '../../src/authentication/credential.js';
import { hungUp } from '../../src/doors/incoming-call.js';
import { createAdmission } from '../../src/doors/interceptors/admission.js';
import { createCallFrame } from '../../src/doors/interceptors/call-frame.js';
import { StoreOutOfOrder, StoreUnavailable } from '../../src/event-store/event-store.js';
import {
  AvailabilityService,
  FindSlotsOfCoachesRequestSchema,
} from '../../src/gen/aceup/scheduler/v1/availability_service_pb.js';
import {
  ListSessionsRequestSchema,
  ScheduleSessionRequestSchema,
  ScheduleSessionResponseSchema,
  SessionService,
} from '../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { WebhookService } from '../../src/gen/aceup/scheduler/v1/webhook_service_pb.js';
import { RetryInfoSchema } from '../../src/gen/google/rpc/error_details_pb.js';
import { accessRuleOf } from '../../src/handlers/access/access-rules.js';
import type { Principal, Role } from '../../src/handlers/access/principal.js';
import { invalidArgument } from '../../src/handlers/answer/errors.js';
import type { Call, IncomingCall, Invoke, Stream } from '../../src/handlers/call.js';
import { Cancellation, createDeferred } from '../../src/waiting.js';
import { FOR_EVERYBODY, openFrame } from '../support/endpoints.js';

const request = create(ScheduleSessionRequestSchema, {
  session: { coachHashId: 'carol', clientHashId: 'a-client-that-no-log-may-show' },
  requestId: 'request-1',
});
const response = create(ScheduleSessionResponseSchema, { session: { id: 'session-1' } });

/** @param cancellation tells when the caller hangs up */
const call = (given: Partial<IncomingCall> = {}, cancellation = new Cancellation()): IncomingCall => ({
  method: SessionService.method.scheduleSession,
  door: 'rest',
  caller: '127.0.0.1',
  correlationId: 'correlation-1',
  deadline: undefined,
  cancellation,
  header: () => undefined,
  authorization: () => [],
  ...given,
});

const silent = pino({ level: 'silent' });

/** A handler in the frame, without a log. */
const framed = (handler: Invoke, limitMs = 1_000) => openFrame(silent, limitMs).unary(handler);

const answering: Invoke = async () => response;
const failing =
  (error: unknown): Invoke =>
  async () => {
    throw error;
  };
/** Waits until its call is cancelled. */
const waiting: Invoke = (_, { cancellation: { signal } }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe('callers share the process', () => {
  /** A frame whose handler answers when it is told to, and the callers whose calls have reached the handler. */
  function busyFrame() {
    const reached: string[] = [];
    const go = createDeferred<void>();
    const handler: Invoke = async (_, { caller }) => {
      reached.push(caller);
      await go.promise;
      return response;
    };
    const invoke = createCallFrame(silent, createAdmission(), 60_000).unary(handler, FOR_EVERYBODY);
    let [asked, decoded] = [0, 0];
    function ask(count: number, given: Partial<IncomingCall>, message: Message = request): Promise<unknown>[] {
      asked += count;
      const decode = () => {
        decoded += 1;
        return message;
      };
      return Array.from({ length: count }, () => invoke(decode, call(given)).catch((error: unknown) => error));
    }
    /** Each request has had its turn to be decoded, and has begun or waits for its share of the process. */
    const allDecoded = () => expect.poll(() => decoded).toBe(asked);
    return { reached, ask, allDecoded, go: go.resolve };
  }

  test('many calls of one caller keep no other caller waiting', async () => {
    const { reached, ask, allDecoded } = busyFrame();
    ask(5_000, { caller: 'one' });
    await allDecoded();
    expect(reached.length).toBeGreaterThan(400);
    ask(1, { caller: 'another' });
    await allDecoded();
    expect(reached.at(-1)).toBe('another');
  });

  test('the costliest calls of one caller keep no other caller waiting', async () => {
    const { reached, ask, allDecoded } = busyFrame();
    const search = create(FindSlotsOfCoachesRequestSchema, {
      coachHashIds: Array.from({ length: 100 }, (_, nr) => `coach-${nr}`),
      limit: 5_000,
    });
    ask(426, { caller: 'one' });
    ask(10, { method: AvailabilityService.method.findSlotsOfCoaches, caller: 'one' }, search);
    await allDecoded();
    ask(1, { caller: 'another' });
    await allDecoded();
    expect(reached.at(-1)).toBe('another');
  });

  test('a long list takes the room of many calls', async () => {
    const { reached, ask, allDecoded } = busyFrame();
    const list = create(ListSessionsRequestSchema, { pageSize: 1_000 });
    ask(1_000, { method: SessionService.method.listSessions }, list);
    await allDecoded();
    expect(reached.length).toBeLessThan(30);
  });

  test('when too much of a caller waits, a call is refused, to be tried again', async () => {
    const { ask } = busyFrame();
    const refused = (await Promise.race(ask(10_000, {}))) as ConnectError;
    expect(refused).toMatchObject({ code: Code.ResourceExhausted });
    expect(refused.findDetails(RetryInfoSchema)).toHaveLength(1);
  });

  test('a call whose caller has not taken the answer keeps its room', async () => {
    const { reached, ask, allDecoded, go } = busyFrame();
    const cancellation = new Cancellation();
    const first = ask(1, { cancellation });
    ask(5_000, {});
    await allDecoded();
    const full = reached.length;
    go();
    await Promise.all(first);
    expect(reached).toHaveLength(full);
    cancellation.close();
    expect(reached).toHaveLength(full + 1);
  });

  test('a call that its caller gives up while it waits reaches no handler', () => {
    const { reached, ask } = busyFrame();
    const [first, waiting] = [new Cancellation(), new Cancellation()];
    ask(1, { cancellation: first });
    ask(5_000, { cancellation: waiting });
    const full = reached.length;
    waiting.abort(hungUp());
    first.abort(hungUp());
    expect(reached).toHaveLength(full);
  });
});

describe('the log', () => {
  /** What is logged about one call. */
  async function linesOf(next: Invoke): Promise<Record<string, unknown>[]> {
    const lines: Record<string, unknown>[] = [];
    const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
    await openFrame(log, 1_000)
      .unary(next)(request, call())
      .catch(() => {});
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

  test('calls the id of a webhook one', async () => {
    const lines: Record<string, unknown>[] = [];
    const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
    const { getWebhook } = WebhookService.method;
    const asked = create(getWebhook.input, { id: 'webhook-1' });
    await openFrame(log, 1_000).unary(async () => create(getWebhook.output))(asked, call({ method: getWebhook }));
    expect(lines).toEqual([expect.objectContaining({ method: 'GetWebhook', webhook: 'webhook-1' })]);
    expect(lines[0]).not.toHaveProperty('session');
  });

  test('has the line of an answered call as the logger itself writes it, whatever the ids hold', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const lines: string[] = [];
    const log = pino({ base: null }, { write: (line: string) => lines.push(line) });
    const odd = '"\\\n\u2028é\ud800';
    const asked = create(ScheduleSessionRequestSchema, { session: { coachHashId: odd }, requestId: odd });
    const answer: Invoke = async () => ({ session: { id: odd } });
    await openFrame(log, 1_000).unary(answer)(asked, call());
    const ids = { correlationId: 'correlation-1', session: odd, coach: odd, requestId: odd };
    log.info({ method: 'ScheduleSession', door: 'rest', ms: 0, ...ids }, 'OK');
    expect(lines[0]).toBe(lines[1]);
  });

  test('has no line of an answered call below its level', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
    await openFrame(log, 1_000).unary(answering)(request, call());
    expect(lines).toEqual([]);
  });

  test('has one line for a refused call: the code and why', async () => {
    const lines = await linesOf(failing(new ConnectError('the coach has a session', Code.AlreadyExists)));
    expect(lines).toEqual([
      expect.objectContaining({ level: 30, msg: 'AlreadyExists', why: 'the coach has a session' }),
    ]);
  });

  test('has ids and reasons of a refused call in printable ASCII, and not all of a long one', async () => {
    const lines: Record<string, unknown>[] = [];
    const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
    const odd = `\u009b2J\n\u2028${'x'.repeat(250_000)}`;
    const asked = create(ScheduleSessionRequestSchema, { session: { coachHashId: odd }, requestId: odd });
    const refusing = failing(new ConnectError(odd, Code.InvalidArgument));
    await openFrame(log, 1_000)
      .unary(refusing)(asked, call())
      .catch(() => {});
    const shown = `\\u009b2J\\u000a\\u2028${'x'.repeat(251)}...`;
    expect(lines).toEqual([expect.objectContaining({ coach: shown, requestId: shown, why: shown })]);
  });

  test('has one line for a request that cannot be decoded', async () => {
    const lines: unknown[] = [];
    const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
    const frame = createCallFrame(log, createAdmission(), 1_000).unary(answering, FOR_EVERYBODY);
    const malformed = () => {
      throw invalidArgument({ field: 'secret', description: 'is an unknown field' });
    };
    await expect(frame(malformed, call())).rejects.toMatchObject({ code: Code.InvalidArgument });
    expect(lines).toEqual([
      expect.objectContaining({
        level: 30,
        msg: 'InvalidArgument',
        method: 'ScheduleSession',
        why: 'secret: is an unknown field',
      }),
    ]);
  });

  test.each([
    new StoreOutOfOrder('Postgres answers with SQLSTATE 42501'),
    new ReadModelUnavailable('Postgres answers with SQLSTATE 42P01'),
  ])('has the reason why a part is unavailable: $name', async (error) => {
    const lines = await linesOf(failing(error));
    expect(lines).toEqual([
      expect.objectContaining({ level: 40, msg: 'Unavailable', why: expect.stringContaining(`: ${error.message}`) }),
    ]);
  });

  test('has nothing of what a store says in its own words', async () => {
    const lines = await linesOf(failing(new StoreUnavailable('the stream client-secret has no leader')));
    expect(lines).toEqual([expect.objectContaining({ level: 40, why: 'the event store is unavailable' })]);
  });

  test('has a warning for what is unavailable', async () => {
    const lines = await linesOf(failing(new ConnectError('try again', Code.Unavailable)));
    expect(lines).toEqual([expect.objectContaining({ level: 40, msg: 'Unavailable' })]);
  });

  test('has the stack of a defect, which the caller does not get', async () => {
    const defect = failing(new Error('password: secret'));
    expect(await linesOf(defect)).toEqual([
      expect.objectContaining({
        level: 50,
        msg: 'Internal',
        err: expect.objectContaining({ stack: expect.any(String) }),
      }),
    ]);
    await expect(framed(defect)(request, call())).rejects.toMatchObject({
      code: Code.Internal,
      rawMessage: 'internal error',
    });
  });

  test('never has the content of a request', async () => {
    expect(JSON.stringify(await linesOf(answering))).not.toContain('a-client-that-no-log-may-show');
  });
});

describe('the deadline', () => {
  /** A call whose caller waits so many milliseconds more, or does not say how long. */
  const calledWith = (remaining: number | undefined) =>
    call({ deadline: remaining === undefined ? undefined : Date.now() + remaining });

  test('an answer in time is passed on', async () => {
    expect(await framed(answering)(request, call())).toBe(response);
  });

  test.each([
    ['the service’s own limit', 10, undefined],
    ['the service’s own limit, though the caller would wait longer,', 10, 60_000],
    ['the caller’s deadline, when that is sooner,', 60_000, 10],
    ['a deadline that has passed', 60_000, -1],
  ])('%s ends the call and aborts the handler', async (_, limit, remaining) => {
    const answer = framed(waiting, limit)(request, calledWith(remaining));
    await expect(answer).rejects.toMatchObject({ code: Code.DeadlineExceeded });
  });

  test.each([
    ['the service’s own limit', undefined],
    ['the caller’s deadline', 500],
  ])('%s ends with the answer', async (_, remaining) => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const answered = calledWith(remaining);
    await framed(answering, 1_000)(request, answered);
    vi.advanceTimersByTime(2_000);
    expect(answered.cancellation.aborted).toBe(false);
  });

  test('a caller that hangs up ends the call', async () => {
    const caller = new Cancellation();
    const answer = framed(waiting)(request, call({}, caller));
    caller.abort(hungUp());
    await expect(answer).rejects.toMatchObject({ code: Code.Canceled });
  });

  test('a call does not begin when its caller has hung up already', async () => {
    let begun = false;
    const caller = new Cancellation();
    caller.abort(hungUp());
    const answer = framed(async () => {
      begun = true;
      return response;
    })(request, call({}, caller));
    await expect(answer).rejects.toMatchObject({ code: Code.Canceled });
    expect(begun).toBe(false);
  });
});

describe('a part that is unavailable', () => {
  test.each([
    new StoreUnavailable('connection refused'),
    new StoreOutOfOrder('permission denied'),
    new ReadModelUnavailable('connection refused'),
    new Overloaded('10000 commands are waiting'),
  ])('$name is UNAVAILABLE, with a time to try again, and nothing internal', async (error) => {
    const answer = await framed(failing(error))(request, call()).catch((thrown: ConnectError) => thrown);
    expect(answer).toMatchObject({ code: Code.Unavailable });
    expect((answer as ConnectError).findDetails(RetryInfoSchema)).toHaveLength(1);
    expect((answer as ConnectError).rawMessage).not.toContain(error.message);
  });
});

describe('a stream', () => {
  /** Answers twice, unless it is stopped before. */
  function answeringTwice() {
    const seen = { begun: false, stopped: false };
    const handler: Stream = async function* () {
      seen.begun = true;
      try {
        yield response;
        yield response;
      } finally {
        seen.stopped = true;
      }
    };
    return { seen, handler };
  }

  const framedStream = (handler: Stream, log = silent) => openFrame(log, 1_000).stream(handler);

  test('ends, and is logged once, when the door reads no further', async () => {
    const lines: object[] = [];
    const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
    const { seen, handler } = answeringTwice();
    const given = call();
    for await (const _ of framedStream(handler, log)(request, given)) break;
    expect(seen).toEqual({ begun: true, stopped: true });
    expect(given.cancellation.aborted).toBe(true);
    expect(lines).toEqual([expect.objectContaining({ msg: 'Canceled', why: 'the caller hung up' })]);
  });

  test('lets go once of what its caller had open, though the door waits to write and does not come back', async () => {
    const leave = vi.fn();
    const admission = { ...createAdmission(), enter: () => leave };
    const caller = new Cancellation();
    const frame = createCallFrame(silent, admission, 1_000);
    const messages = frame
      .stream(answeringTwice().handler, FOR_EVERYBODY)(() => request, call({}, caller))
      [Symbol.asyncIterator]();
    await messages.next();
    expect(leave).not.toHaveBeenCalled();
    caller.abort(hungUp());
    expect(leave).toHaveBeenCalledTimes(1);
    await expect(messages.next()).rejects.toMatchObject({ code: Code.Canceled });
    expect(leave).toHaveBeenCalledTimes(1);
  });

  test('ends when the caller hangs up, though the door waits to write and does not read', async () => {
    const { seen, handler } = answeringTwice();
    const caller = new Cancellation();
    const messages = framedStream(handler)(request, call({}, caller))[Symbol.asyncIterator]();
    await messages.next();
    caller.abort(hungUp());
    await expect.poll(() => seen.stopped).toBe(true);
    await expect(messages.next()).rejects.toMatchObject({ code: Code.Canceled });
  });

  test('does not begin when its caller has hung up already', async () => {
    const { seen, handler } = answeringTwice();
    const caller = new Cancellation();
    caller.abort(hungUp());
    const messages = framedStream(handler)(request, call({}, caller))[Symbol.asyncIterator]();
    await expect(messages.next()).rejects.toMatchObject({ code: Code.Canceled });
    expect(seen.begun).toBe(false);
  });

  test('is not aborted by its end', async () => {
    const given = call();
    let count = 0;
    for await (const _ of framedStream(answeringTwice().handler)(request, given)) count += 1;
    expect(count).toBe(2);
    expect(given.cancellation.aborted).toBe(false);
  });

  test('lets the event loop go on, however much it and others have to send', async () => {
    const full: Stream = async function* () {
      for (let nr = 0; nr < 5_000; nr += 1) yield response;
    };
    const stream = framedStream(full);
    let sent = 0;
    const sendAll = async () => {
      for await (const _ of stream(request, call())) sent += 1;
    };
    const all = Promise.all(Array.from({ length: 20 }, sendAll));
    await nextRound();
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(100_000);
    await all;
    expect(sent).toBe(100_000);
  });

  test('has no limit but the deadline of its caller, however far away', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { handler } = answeringTwice();
    const inYears = call({ deadline: Date.now() + 1e11 });
    const messages = framedStream(handler)(request, inYears)[Symbol.asyncIterator]();
    await messages.next();
    vi.advanceTimersByTime(60_000);
    expect(await messages.next()).toMatchObject({ done: false });
  });
});

describe('a caller with a token', () => {
  const carol: Principal = {
    subject: 'carol@example.com',
    roles: new Set<Role>(['coach']),
    coachHashId: 'carol',
    clientHashId: undefined,
  };
  const access = accessRuleOf(SessionService.method.scheduleSession);

  /** A frame that takes any token for the credential, and its log. */
  function frameFor(credential: Credential | Promise<Credential>) {
    const lines: unknown[] = [];
    const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
    const authenticator = { authenticate: () => credential, stop() {} };
    return { lines, frame: createCallFrame(log, createAdmission(authenticator), 1_000) };
  }

  const credentialOf = (principal: Principal, expiresAt = Number.POSITIVE_INFINITY) => {
    return { principal, expiresAt, isRevoked: false };
  };

  test.each<[string, (credential: Credential) => Credential | Promise<Credential>]>([
    ['known', (credential) => credential],
    ['new', async (credential) => credential],
  ])('that is %s reaches the handler as who it is, with what it may touch', async (_, found) => {
    const { frame, lines } = frameFor(found(credentialOf(carol)));
    const seen: Call[] = [];
    const handle = frame.unary(async (_request, call) => {
      seen.push(call);
      return response;
    }, access);
    await handle(() => request, call());
    expect(seen).toEqual([expect.objectContaining({ principal: carol, caller: '@carol@example.com' })]);
    expect(seen[0]?.scope).toEqual({ anybody: false, coachHashId: 'carol', clientHashId: undefined });
    expect(lines).toEqual([expect.objectContaining({ msg: 'OK', subject: 'carol@example.com' })]);
  });

  test('that is not accepted is refused before the request is decoded', async () => {
    const { frame } = frameFor(Promise.reject(unauthenticated('the token has expired')));
    let decoded = false;
    const read = () => {
      decoded = true;
      return request;
    };
    await expect(frame.unary(answering, access)(read, call())).rejects.toMatchObject({ code: Code.Unauthenticated });
    expect(decoded).toBe(false);
  });

  test('whose role may not call the method is refused before the request is decoded', async () => {
    const { frame } = frameFor(credentialOf({ ...carol, roles: new Set<Role>(['analyst']) }));
    let decoded = false;
    const read = () => {
      decoded = true;
      return request;
    };
    await expect(frame.unary(answering, access)(read, call())).rejects.toMatchObject({ code: Code.PermissionDenied });
    expect(decoded).toBe(false);
  });

  test('does not wait beyond its deadline for the token to be verified', async () => {
    const { frame } = frameFor(new Promise(() => {}));
    const soon = call({ deadline: Date.now() + 20 });
    const handle = frame.unary(answering, access);
    await expect(handle(() => request, soon)).rejects.toMatchObject({ code: Code.DeadlineExceeded });
  });

  test.each<[string, (credential: { isRevoked: boolean }) => void]>([
    ['has expired', () => {}],
    ['was revoked', (credential) => Object.assign(credential, { isRevoked: true })],
  ])('is told within two seconds, amid a stream, that it %s', async (what, change) => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const credential = credentialOf(carol, what === 'has expired' ? Date.now() + 60_000 : undefined);
    const { frame } = frameFor(credential);
    const endless: Stream = async function* () {
      for (;;) yield response;
    };
    const messages = frame
      .stream(endless, access)(() => request, call())
      [Symbol.asyncIterator]();
    await messages.next();
    vi.advanceTimersByTime(58_000);
    await messages.next();
    change(credential);
    vi.advanceTimersByTime(2_000);
    await expect(messages.next()).rejects.toMatchObject({
      code: Code.Unauthenticated,
      rawMessage: `the token ${what}`,
    });
    expect(vi.getTimerCount()).toBe(0);
  });
});
