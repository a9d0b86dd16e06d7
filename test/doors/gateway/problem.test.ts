import { Code, ConnectError } from '@connectrpc/connect';
import { expect, test } from 'vitest';
import { nameOf, statusOf } from '../../../src/doors/gateway/http/problem.js';
import { invalidArgument, refused, tryAgain } from '../../../src/handlers/answer/errors.js';
import { acceptedOrThrow } from '../../../src/handlers/answer/outcome.js';
import { sharedGateway } from './support.js';

const gateway = sharedGateway();

/** The answer to a request whose endpoint throws. */
async function answerTo(thrown: unknown): Promise<{ status: number; headers: Headers; problem: object }> {
  gateway.answerWith(() => Promise.reject(thrown));
  const answer = await fetch(`${gateway.url}/api/v1/sessions`, { headers: { 'x-correlation-id': 'c-1' } });
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  return { status: answer.status, headers: answer.headers, problem: (await answer.json()) as object };
}

test('broken rules are listed', async () => {
  const error = invalidArgument(
    { field: 'session.start', description: 'is required' },
    { field: 'session.duration', description: 'must be whole minutes, 1 to 1440' },
  );
  expect(await answerTo(error)).toMatchObject({
    status: 400,
    problem: {
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      detail: 'session.start: is required; session.duration: must be whole minutes, 1 to 1440',
      code: 'INVALID_ARGUMENT',
      errors: [
        { field: 'session.start', description: 'is required' },
        { field: 'session.duration', description: 'must be whole minutes, 1 to 1440' },
      ],
      correlation_id: 'c-1',
    },
  });
});

test('a taken time has its reason and the interval in the way', async () => {
  const interval = { start: '2022-12-01T14:30:00Z', end: '2022-12-01T15:30:00Z' };
  const error = refused(Code.AlreadyExists, 'COACH_OVERLAP', 'the coach has a session', interval);
  const { status, problem } = await answerTo(error);
  expect(status).toBe(409);
  expect(problem).toEqual({
    type: 'urn:aceup:scheduler:problem:coach-overlap',
    title: 'Coach overlap',
    status: 409,
    detail: 'the coach has a session',
    code: 'ALREADY_EXISTS',
    reason: 'COACH_OVERLAP',
    interval,
    correlation_id: 'c-1',
  });
});

test('what is in the way of a series is listed occurrence by occurrence', async () => {
  const conflict = {
    occurrence: 3,
    start: Date.parse('2030-01-03T09:00:00Z'),
    end: Date.parse('2030-01-03T10:00:00Z'),
    reason: 'CLIENT_OVERLAP',
    inTheWayStart: Date.parse('2030-01-03T09:30:00Z'),
    inTheWayEnd: Date.parse('2030-01-03T10:30:00Z'),
    obstacles: [],
  } as const;
  const refuse = () =>
    acceptedOrThrow({ kind: 'rejected', rejection: { reason: 'SERIES_CONFLICT', conflicts: [conflict, conflict] } });
  expect(await answerTo(thrownBy(refuse))).toMatchObject({
    status: 409,
    problem: {
      reason: 'SERIES_CONFLICT',
      detail: '2 occurrences cannot be booked',
      conflicts: Array(2).fill({
        occurrence: 3,
        start: '2030-01-03T09:00:00Z',
        end: '2030-01-03T10:00:00Z',
        reason: 'CLIENT_OVERLAP',
        in_the_way_start: '2030-01-03T09:30:00Z',
        in_the_way_end: '2030-01-03T10:30:00Z',
      }),
    },
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

test('an error that passes by itself says when to try again', async () => {
  const { status, headers, problem } = await answerTo(tryAgain(Code.Unavailable, 'the event store is unavailable'));
  expect(status).toBe(503);
  expect(headers.get('retry-after')).toBe('1');
  expect(problem).toMatchObject({
    title: 'Service Unavailable',
    code: 'UNAVAILABLE',
    detail: 'the event store is unavailable',
  });
});

test.each<[keyof typeof Code, number, string]>([
  ['Canceled', 499, 'Client Closed Request'],
  ['Unknown', 500, 'Internal Server Error'],
  ['InvalidArgument', 400, 'Bad Request'],
  ['DeadlineExceeded', 504, 'Gateway Timeout'],
  ['NotFound', 404, 'Not Found'],
  ['AlreadyExists', 409, 'Conflict'],
  ['PermissionDenied', 403, 'Forbidden'],
  ['ResourceExhausted', 429, 'Too Many Requests'],
  ['FailedPrecondition', 409, 'Conflict'],
  ['Aborted', 409, 'Conflict'],
  ['OutOfRange', 400, 'Bad Request'],
  ['Unimplemented', 501, 'Not Implemented'],
  ['Internal', 500, 'Internal Server Error'],
  ['Unavailable', 503, 'Service Unavailable'],
  ['DataLoss', 500, 'Internal Server Error'],
  ['Unauthenticated', 401, 'Unauthorized'],
])('%s is %i', async (name, status, title) => {
  const code = Code[name];
  const answer = await answerTo(new ConnectError('because', code));
  expect(answer).toMatchObject({ status, problem: { title, status, detail: 'because', code: nameOf(code) } });
});

test.each([
  [Code.InvalidArgument, 'REQUEST_ID_REUSED', 422],
  [Code.Aborted, 'STALE_ETAG', 412],
  [Code.FailedPrecondition, 'ALREADY_CANCELLED', 409],
])('%i for %s is %i', (code, reason, status) => {
  expect(statusOf(code, reason)).toBe(status);
});

test('a defect is answered without its message, and logged with it', async () => {
  const { status, problem } = await answerTo(new TypeError('secret'));
  expect(status).toBe(500);
  expect(problem).toEqual({
    type: 'about:blank',
    title: 'Internal Server Error',
    status: 500,
    detail: 'internal error',
    code: 'INTERNAL',
    correlation_id: 'c-1',
  });
  expect(gateway.logged).toMatchObject([{ level: 50, correlationId: 'c-1', err: { message: 'secret' } }]);
});
