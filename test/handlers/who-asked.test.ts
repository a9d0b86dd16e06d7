import { Code } from '@connectrpc/connect';
import { describe, expect, test } from 'vitest';
import { type Principal, type Role, UNVERIFIED } from '../../src/handlers/access/principal.js';
import { errorOf, memoryService, SLOT, violationsOf } from './memory-service.js';

/** A caller with a verified subject. */
function caller(subject: string, ...roles: Role[]): Principal {
  return { subject, roles: new Set(roles), coachHashId: 'carol', clientHashId: 'chris' };
}

/** Who asked for a booking, by the history of its session. */
async function whoAsked(principal: Principal, actor?: string) {
  const { call } = memoryService();
  const headers = actor === undefined ? {} : { 'x-actor': actor };
  const { session } = await call('scheduleSession', { session: SLOT }, headers, principal);
  const { changes } = await call('getSessionHistory', { id: session!.id });
  return changes.map((change) => [change.actor, change.subject]);
}

describe('who asked, by the history of a session:', () => {
  test.each<[string, Principal, string | undefined, [actor: string, subject: string]]>([
    ['nobody is known without authentication', UNVERIFIED, undefined, ['', '']],
    ['without authentication the actor is what the caller says', UNVERIFIED, 'desk', ['desk', '']],
    ['a service says on whose behalf it asks', caller('svc', 'service'), 'desk', ['desk', 'svc']],
    ['an admin says on whose behalf it asks', caller('root', 'admin'), 'desk', ['desk', 'root']],
    ['a service that does not say asks for itself', caller('svc', 'service'), undefined, ['svc', 'svc']],
    ['a coach asks for themselves, whatever they say', caller('carol@id', 'coach'), 'desk', ['carol@id', 'carol@id']],
    ['a client asks for themselves, whatever they say', caller('c', 'client'), 'desk', ['c', 'c']],
    ['what a client says may be malformed', caller('c', 'client'), 'Zo\u00eb', ['c', 'c']],
    ['a coach who is a service, too, may say', caller('both', 'coach', 'service'), 'desk', ['desk', 'both']],
  ])('%s', async (_, principal, actor, expected) => {
    expect(await whoAsked(principal, actor)).toEqual([expected]);
  });

  test('what a service says must be well-formed', async () => {
    const { call } = memoryService();
    const booking = call('scheduleSession', { session: SLOT }, { 'x-actor': 'Zo\u00eb' }, caller('svc', 'service'));
    expect(await violationsOf(booking)).toMatchObject([{ field: 'x-actor' }]);
  });
});

test('a request id sent by another subject does not get the answer of the first', async () => {
  const { call } = memoryService();
  const book = (subject: string) =>
    call('scheduleSession', { session: SLOT, requestId: 'try-1' }, {}, caller(subject, 'client'));
  const first = await book('ann');
  expect(await book('ann')).toEqual(first);
  expect((await errorOf(book('ben'))).code).toBe(Code.AlreadyExists);
});
