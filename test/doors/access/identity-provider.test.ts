import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Door, doorsOf, getSession, listSessions, scheduleSession } from '../../support/doors.js';
import { aProviderKey, startIdentityProvider } from '../../support/identity-provider.js';
import { startKeyServer } from '../../support/key-server.js';
import { startTestService } from '../../support/service.js';

const AUDIENCE = 'https://scheduler.example.com';
const OWN = { coach_hash_id: 'carol', client_hash_id: 'chris' };
const SLOT = { start: '2030-05-01T09:00:00Z', duration: 60 };

let key: Awaited<ReturnType<typeof aProviderKey>>;

beforeAll(async () => {
  key = await aProviderKey('first');
});

async function serviceFor(jwks: string, issuer: string) {
  const service = await startTestService(undefined, {
    AUTH_JWKS: jwks,
    AUTH_ISSUER: issuer,
    AUTH_AUDIENCE: AUDIENCE,
    AUTH_ROLES_CLAIM: 'realm_access.roles',
  });
  onTestFinished(service.stop);
  return service;
}

function doorsWith(service: Parameters<typeof doorsOf>[0], token: string): Door[] {
  const doors = doorsOf(service, { authorization: `Bearer ${token}` });
  onTestFinished(() => {
    for (const door of doors) door.close();
  });
  return doors;
}

describe('a caller with a token of an OpenID provider', () => {
  test('is a coach through every door, as the claims say', async () => {
    const claims = { realm_access: { roles: ['coach'] }, coach_hash_id: OWN.coach_hash_id };
    const { issuer, jwks, token } = await startIdentityProvider(claims, key);
    const service = await serviceFor(jwks, issuer);
    for (const [day, door] of doorsWith(service, await token(AUDIENCE)).entries()) {
      const session = { ...OWN, ...SLOT, start: `2030-05-0${day + 1}T09:00:00Z` };
      expect(await door.call(scheduleSession, { session }), door.name).toMatchObject({ code: 'OK' });
      const others = { session: { ...session, coach_hash_id: 'dora' } };
      expect(await door.call(scheduleSession, others), door.name).toMatchObject({ code: 'PermissionDenied' });
    }
    for (const door of doorsWith(service, await token('https://elsewhere.example.com'))) {
      expect(await door.call(listSessions, {}), door.name).toMatchObject({ code: 'Unauthenticated' });
    }
  });

  test('is asked to try again while no key is known yet', async () => {
    const { issuer, token } = await startIdentityProvider({ realm_access: { roles: ['service'] } }, key);
    const away = await startKeyServer((_, response) => response.writeHead(503).end());
    const service = await serviceFor(away.url, issuer);
    for (const door of doorsWith(service, await token(AUDIENCE))) {
      expect(await door.call(getSession, { id: 'x' }), door.name).toMatchObject({ code: 'Unavailable', retry: true });
    }
  });
});
