// What a stranger writes with types made from the OpenAPI document. It is compiled and not run.
import createClient from 'openapi-fetch';
import type { components, paths } from './api.js';

const api = createClient<paths>({ baseUrl: 'http://localhost:3000' });

/** Books a session, or says what is in the way. */
export async function book(coach: string, client: string, start: string): Promise<string> {
  const { data, error } = await api.POST('/api/v1/sessions', {
    body: { session: { coach_hash_id: coach, client_hash_id: client, start, duration: 60 } },
  });
  if (data) return data.session.id;
  const reason: components['schemas']['ErrorReason'] | undefined = error.reason;
  return reason === 'COACH_OVERLAP' ? `taken until ${error.interval?.end}` : error.detail;
}

/** Cancels a session: the id is in the path alone. */
export async function cancel(id: string): Promise<'SESSION_STATE_CANCELLED' | undefined> {
  const { data } = await api.POST('/api/v1/sessions/{id}:cancel', {
    params: { path: { id } },
    body: { cancelled_by: 'PARTY_CLIENT' },
  });
  return data?.session.state === 'SESSION_STATE_CANCELLED' ? data.session.state : undefined;
}

/** Completes a session: there is nothing to say in a body. */
export async function complete(id: string): Promise<string | undefined> {
  const { data } = await api.POST('/api/v1/sessions/{id}:complete', { params: { path: { id } } });
  return data?.consistency_token;
}

// @ts-expect-error: a cancellation says who cancels
api.POST('/api/v1/sessions/{id}:cancel', { params: { path: { id: '' } }, body: {} });

// @ts-expect-error: no path is misspelt
api.GET('/api/v1/session');
