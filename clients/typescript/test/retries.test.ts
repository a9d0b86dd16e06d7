import { create } from '@bufbuild/protobuf';
import { Code, ConnectError, createClient, createRouterTransport } from '@connectrpc/connect';
import { describe, expect, test } from 'vitest';
import { isSchedulerError, type SchedulerError } from '../src/errors.js';
import { CalendarService } from '../src/gen/aceup/scheduler/v1/calendar_service_pb.js';
import { ScheduleSessionRequestSchema, SessionService } from '../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { ErrorInfoSchema, RetryInfoSchema } from '../src/gen/google/rpc/error_details_pb.js';
import { withRetries } from '../src/retries.js';

const SESSION = { coachHashId: '123', clientHashId: '456', duration: 60 };

/** A client of a service that fails with each of the errors in turn, then answers. */
function clientOf(...errors: ConnectError[]) {
  const requestIds: string[] = [];
  const answer = (requestId: string) => {
    requestIds.push(requestId);
    const error = errors.shift();
    if (error) throw error;
    return {};
  };
  const transport = createRouterTransport(({ service }) =>
    service(SessionService, {
      scheduleSession: ({ requestId }) => answer(requestId),
      getSession: () => answer('a query'),
    }).service(CalendarService, {
      createCalendarLink: () => answer('a link'),
      setCalendarSource: () => answer('a calendar source'),
    }),
  );
  const retried = withRetries(transport, 5_000);
  return { ...createClient(SessionService, retried), ...createClient(CalendarService, retried), requestIds };
}

function passing(code: Code, nanos = 1_000_000): ConnectError {
  return new ConnectError('later', code, undefined, [
    { desc: RetryInfoSchema, value: { retryDelay: { seconds: BigInt(Math.floor(nanos / 1e9)), nanos: nanos % 1e9 } } },
  ]);
}

function refused(code: Code, reason: string): ConnectError {
  return new ConnectError('no', code, undefined, [{ desc: ErrorInfoSchema, value: { reason } }]);
}

async function failureOf(call: Promise<unknown>): Promise<SchedulerError> {
  const error = await call.catch((reason) => reason);
  if (!isSchedulerError(error)) return expect.fail(`not a SchedulerError: ${error}`);
  return error;
}

describe('a call is sent again', () => {
  test.each([
    ['UNAVAILABLE that passes', passing(Code.Unavailable)],
    ['ABORTED that passes', passing(Code.Aborted)],
    ['RESOURCE_EXHAUSTED that passes', passing(Code.ResourceExhausted)],
    ['UNAVAILABLE of a proxy', new ConnectError('no upstream', Code.Unavailable)],
    ['a lost connection', new ConnectError('ECONNRESET', Code.Aborted)],
    ['an HTTP/2 stream that ended', new ConnectError('stream closed', Code.Canceled)],
  ])('after %s: a command with the same request id', async (_, error) => {
    const client = clientOf(error, error);
    await client.scheduleSession({ session: SESSION });
    expect(client.requestIds).toHaveLength(3);
    expect(new Set(client.requestIds).size).toBe(1);
    expect(client.requestIds[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  test("with the caller's request id", async () => {
    const client = clientOf(passing(Code.Aborted));
    await client.scheduleSession({ session: SESSION, requestId: 'mine' });
    expect(client.requestIds).toEqual(['mine', 'mine']);
  });

  test('also a query', async () => {
    const client = clientOf(passing(Code.Unavailable));
    await client.getSession({ id: '1' });
    expect(client.requestIds).toHaveLength(2);
  });

  test('and a command without a request id that is the same twice', async () => {
    const client = clientOf(passing(Code.Unavailable));
    await client.setCalendarSource({ coachHashId: '1', source: 'google' });
    expect(client.requestIds).toHaveLength(2);
  });

  test('but not what would take effect twice', async () => {
    const client = clientOf(passing(Code.Unavailable));
    await failureOf(client.createCalendarLink({ coachHashId: '1' }));
    expect(client.requestIds).toEqual(['a link']);
  });

  test('not before the time that the service names', async () => {
    const client = clientOf(passing(Code.Unavailable, 300_000_000));
    const began = performance.now();
    await client.getSession({ id: '1' });
    expect(performance.now() - began).toBeGreaterThanOrEqual(299);
  });
});

describe('a call is not sent again', () => {
  test.each([
    ['STALE_ETAG', refused(Code.Aborted, 'STALE_ETAG')],
    ['HOLD_QUOTA', refused(Code.ResourceExhausted, 'HOLD_QUOTA')],
    ['a body that is too large', new ConnectError('larger than', Code.ResourceExhausted)],
    ['a time limit of the service', new ConnectError('too late', Code.DeadlineExceeded)],
    ['a mistake of the service', new ConnectError('oops', Code.Internal)],
  ])('after %s', async (_, error) => {
    const client = clientOf(error);
    const failure = await failureOf(client.scheduleSession({ session: SESSION }));
    expect(failure).toMatchObject({ code: error.code, message: error.rawMessage, attempts: 1 });
    expect(failure.requestId).toBe(client.requestIds[0]);
  });

  test('when its time would be up by then', async () => {
    const client = clientOf(passing(Code.Unavailable, 60e9));
    expect(await failureOf(client.getSession({ id: '1' }))).toMatchObject({ code: Code.Unavailable, attempts: 1 });
  });

  test('when the caller hangs up during the pause', async () => {
    const caller = new AbortController();
    const client = clientOf(passing(Code.Unavailable, 2e9));
    const failed = failureOf(client.getSession({ id: '1' }, { signal: caller.signal }));
    await expect.poll(() => client.requestIds.length).toBe(1);
    caller.abort();
    expect(await failed).toMatchObject({ code: Code.Unavailable, attempts: 1 });
  });

  test('when the caller hangs up during the call', async () => {
    const client = clientOf();
    const failed = client.getSession({ id: '1' }, { signal: AbortSignal.abort() });
    expect(await failureOf(failed)).toMatchObject({ code: Code.Canceled, attempts: 1 });
  });
});

test('every command has a request id of its own, and the message of the caller stays as it was', async () => {
  const client = clientOf();
  const request = create(ScheduleSessionRequestSchema, { session: SESSION });
  await client.scheduleSession(request);
  await client.scheduleSession(request);
  expect(new Set(client.requestIds).size).toBe(2);
  expect(request.requestId).toBe('');
});

test('a reason that the client does not know yet is no reason', async () => {
  const client = clientOf(refused(Code.FailedPrecondition, 'FROM_THE_FUTURE'));
  expect(await failureOf(client.getSession({ id: '1' }))).toMatchObject({ reason: undefined });
});

test('a reason without further details is told', async () => {
  const client = clientOf(refused(Code.ResourceExhausted, 'HOLD_QUOTA'));
  expect(await failureOf(client.getSession({ id: '1' }))).toMatchObject({ reason: 'HOLD_QUOTA' });
});
