import { Code } from '@connectrpc/connect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCallers } from '../../../test/doors/access/callers.js';
import { startTestService, type TestService } from '../../../test/support/service.js';
import * as browser from '../src/browser.js';
import * as node from '../src/node.js';
import type { Interceptor, TokenSource } from '../src/public.js';

let callers: Awaited<ReturnType<typeof makeCallers>>;
let service: TestService;

beforeAll(async () => {
  callers = await makeCallers();
  service = await startTestService(undefined, { AUTH_TOKENS_FILE: callers.path });
});

afterAll(async () => {
  await service.stop();
  await callers.remove();
});

const tokenOf = (caller: 'service' | 'client') => callers.headersOf(caller).authorization.replace('Bearer ', '');

describe.each([
  ['node', 'connect'],
  ['node', 'grpc-web'],
  ['node', 'grpc'],
  ['browser', 'connect'],
  ['browser', 'grpc-web'],
] as const)('%s, %s', (entry, transport) => {
  const clientWith = (token?: TokenSource, ...interceptors: Interceptor[]) => {
    const baseUrl = transport === 'grpc' ? `http://${service.grpcAddress}` : service.httpUrl;
    const options = { baseUrl, transport, interceptors, ...(token && { token }) };
    return { node, browser }[entry].createSchedulerClient(options);
  };

  test.each<[string, () => TokenSource]>([
    ['a token', () => tokenOf('service')],
    ['a token with the end of its line', () => `${tokenOf('service')}\n`],
    ['a function', () => () => tokenOf('service')],
    ['a function that takes its time', () => async () => tokenOf('service')],
  ])('sends %s', async (_, token) => {
    expect(await clientWith(token()).listSessions({})).toMatchObject({ sessions: [] });
  });

  test('without a token is told so', async () => {
    await expect(clientWith().listSessions({})).rejects.toMatchObject({ code: Code.Unauthenticated, attempts: 1 });
  });

  test('is told what its token does not allow', async () => {
    const setting = clientWith(tokenOf('client')).setAvailability({
      coachHashId: '1',
      availability: { timeZone: 'UTC' },
    });
    await expect(setting).rejects.toMatchObject({ code: Code.PermissionDenied });
  });

  test('asks a function at every attempt', async () => {
    const sent: (string | null)[] = [];
    const failsOnce: Interceptor = (next) => async (call) => {
      if (sent.push(call.header.get('authorization')) === 1) throw new TypeError('the connection is lost');
      return next(call);
    };
    const tokens = ['an old one', tokenOf('service')];
    await clientWith(() => tokens.shift()!, failsOnce).listSessions({});
    expect(sent).toEqual(['Bearer an old one', `Bearer ${tokenOf('service')}`]);
  });
});
