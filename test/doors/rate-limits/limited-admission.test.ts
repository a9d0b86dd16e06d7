import { Code, ConnectError } from '@connectrpc/connect';
import { describe, expect, test } from 'vitest';
import type { Credential } from '../../../src/authentication/credential.js';
import { createAdmission } from '../../../src/doors/interceptors/admission.js';
import { limitAdmission } from '../../../src/doors/rate-limits/limited-admission.js';
import { createRateLimits, type RateLimitSettings } from '../../../src/doors/rate-limits/rate-limits.js';
import type { SharedQuotas } from '../../../src/doors/rate-limits/shared-quotas.js';
import { SessionService } from '../../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { UNVERIFIED } from '../../../src/handlers/access/principal.js';
import type { IncomingCall } from '../../../src/handlers/call.js';
import { Cancellation } from '../../../src/waiting.js';

function call(token: string, caller = '192.0.2.7'): IncomingCall {
  return {
    method: SessionService.method.listSessions,
    door: 'rest',
    caller,
    correlationId: 'correlation-1',
    deadline: undefined,
    cancellation: new Cancellation(),
    header: () => undefined,
    authorization: () => [token],
  };
}

function credentialOf(subject: string): Credential {
  return { principal: { ...UNVERIFIED, subject }, expiresAt: Number.POSITIVE_INFINITY, isRevoked: false };
}

/** What is verified in this file: a token is the name of its subject, `bad` is none, `away` cannot be verified. */
function verified(token: string): Credential {
  if (token === 'bad') throw new ConnectError('the token is none', Code.Unauthenticated);
  if (token === 'away') throw new ConnectError('the provider did not answer', Code.Unavailable);
  return credentialOf(token);
}

const atOnce = ({ authorization }: Pick<IncomingCall, 'authorization'>) => verified(authorization()[0] ?? '');

const WAYS = [
  ['at once', atOnce, undefined],
  ['after a while', async (given: IncomingCall) => atOnce(given), undefined],
  ['at once, and counted elsewhere', atOnce, elsewhere()],
] as const;

/** Counts in this process, as if it were another. */
function elsewhere(): SharedQuotas {
  return { quota: (_name, _points, own) => async (key) => own(key), close() {} };
}

describe.each(WAYS)('with tokens that are verified %s,', (_, authenticate, shared) => {
  function admissionWithin(settings: Partial<RateLimitSettings>) {
    const set = { RATE_LIMIT_FAILED_AUTH: 3, RATE_LIMIT_STREAMS: 2, ...settings };
    return limitAdmission(createAdmission({ authenticate, stop() {} } as never), createRateLimits(set, shared));
  }

  /** The outcomes of calls, one after the other: the subject, or the code of the error. */
  async function outcomes(admission: ReturnType<typeof admissionWithin>, calls: IncomingCall[]): Promise<string[]> {
    const all: string[] = [];
    for (const one of calls) {
      try {
        all.push((await admission.identify(one, false))?.principal.subject ?? '');
      } catch (error) {
        all.push(Code[(error as ConnectError).code] as string);
      }
    }
    return all;
  }

  test('an address that failed too often is refused in place of being told so again', async () => {
    const calls = Array.from({ length: 5 }, () => call('bad'));
    expect(await outcomes(admissionWithin({}), calls)).toEqual([
      'Unauthenticated',
      'Unauthenticated',
      'Unauthenticated',
      'ResourceExhausted',
      'ResourceExhausted',
    ]);
  });

  test('a valid token is not refused for the failures of others at its address', async () => {
    const calls = [...Array.from({ length: 9 }, () => call('bad')), call('carol'), call('bad'), call('dave')];
    expect((await outcomes(admissionWithin({}), calls)).slice(9)).toEqual(['carol', 'ResourceExhausted', 'dave']);
  });

  test('other addresses may fail as often', async () => {
    const calls = [...Array.from({ length: 9 }, () => call('bad')), call('bad', '192.0.2.8')];
    expect((await outcomes(admissionWithin({}), calls)).at(-1)).toBe('Unauthenticated');
  });

  test('valid tokens are no failures', async () => {
    const calls = [...Array.from({ length: 9 }, () => call('carol')), call('bad')];
    expect((await outcomes(admissionWithin({}), calls)).at(-1)).toBe('Unauthenticated');
  });

  test('what cannot be verified is no failure', async () => {
    const calls = Array.from({ length: 9 }, () => call('away'));
    expect(new Set(await outcomes(admissionWithin({}), calls))).toEqual(new Set(['Unavailable']));
  });

  test('calls are counted for their subjects', async () => {
    const calls = [call('carol'), call('carol'), call('carol'), call('dave')];
    expect(await outcomes(admissionWithin({ RATE_LIMIT_READS: 2 }), calls)).toEqual([
      'carol',
      'carol',
      'ResourceExhausted',
      'dave',
    ]);
  });

  test('calls that fail are not counted for anybody', async () => {
    const calls = [call('bad'), call('bad'), call('carol')];
    expect((await outcomes(admissionWithin({ RATE_LIMIT_READS: 1 }), calls)).at(-1)).toBe('carol');
  });

  test('streams are counted for their subjects', () => {
    const { enter } = admissionWithin({});
    const enterAs = (subject: string) => enter(call(subject), credentialOf(subject));
    enterAs('carol');
    const leave = enterAs('carol');
    expect(() => enterAs('carol')).toThrow('at most 2 open streams');
    enterAs('dave')();
    leave();
    enterAs('carol')();
  });
});

test('without authentication streams are counted for their addresses', () => {
  const settings = { RATE_LIMIT_FAILED_AUTH: 1, RATE_LIMIT_STREAMS: 1 };
  const { enter } = limitAdmission(createAdmission(), createRateLimits(settings));
  enter(call(''), undefined);
  expect(() => enter(call(''), undefined)).toThrow('at most 1 open streams');
  enter(call('', '192.0.2.8'), undefined);
});
