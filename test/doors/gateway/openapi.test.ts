import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { beforeAll, describe, expect, test } from 'vitest';
import { unframed } from '../../support/endpoints.js';
import { fabricatedMethod } from './fabricated-service.js';
import { emptyAnswer, ownGateway, seedRequest, sharedGateway } from './support.js';

const gateway = sharedGateway();
let document: JsonObject;

beforeAll(async () => {
  document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as JsonObject;
});

/** What stands at a place in the document: names, one below the other. */
function at(...names: (string | number)[]): JsonValue | undefined {
  return names.reduce<JsonValue | undefined>(
    (value, name) => (value as Record<string | number, JsonValue> | undefined)?.[name],
    document,
  );
}

const schedule = ['paths', '/api/v1/sessions', 'post'] as const;
const list = ['paths', '/api/v1/sessions', 'get'] as const;
const session = ['components', 'schemas', 'Session'] as const;

const bodyOf = (path: string) => ['paths', path, 'post', 'requestBody', 'content', 'application/json'] as const;

describe('the OpenAPI document', () => {
  test('has a path for every route, with the comments of the protos', () => {
    expect(at('openapi')).toBe('3.1.0');
    expect(Object.keys(at('paths') as object)).toEqual([
      '/api/v1/sessions',
      '/api/v1/sessions/{id}:reschedule',
      '/api/v1/sessions/{id}:cancel',
      '/api/v1/sessions/{id}:complete',
      '/api/v1/sessions/{id}:markNoShow',
      '/api/v1/sessions/{id}:correctOutcome',
      '/api/v1/sessions:scheduleSeries',
      '/api/v1/series/{series_id}:reschedule',
      '/api/v1/series/{series_id}:cancel',
      '/api/v1/series/{series_id}',
      '/api/v1/series',
      '/api/v1/holds',
      '/api/v1/holds/{id}:confirm',
      '/api/v1/holds/{id}:release',
      '/api/v1/holds/{id}',
      '/api/v1/sessions/{id}',
      '/api/v1/sessions/{id}/history',
      '/api/v1/sessions:watch',
      '/api/v1/coaches/{coach_hash_id}/availability',
      '/api/v1/coaches/{coach_hash_id}/timeOff',
      '/api/v1/coaches/{coach_hash_id}/timeOff/{id}',
      '/api/v1/coaches/{coach_hash_id}/timeOff:sync',
      '/api/v1/coaches/{coach_hash_id}/bookingPolicy',
      '/api/v1/coaches/{coach_hash_id}/slots',
      '/api/v1/slots:find',
      '/api/v1/coaches/{coach_hash_id}/slots:explain',
      '/api/v1/coaches/{coach_hash_id}/slots:simulate',
      '/api/v1/webhooks',
      '/api/v1/webhooks/{id}',
      '/api/v1/webhooks/{id}:test',
      '/api/v1/webhooks/{id}:pause',
      '/api/v1/webhooks/{id}:resume',
      '/api/v1/webhooks/{id}:replay',
      '/api/v1/webhooks/{id}:skip',
      '/api/v1/webhooks/{id}:rotateSecret',
      '/api/v1/webhooks/{id}/deliveries',
      '/api/v1/coaches/{coach_hash_id}/calendarSources/{source}',
      '/api/v1/coaches/{coach_hash_id}/calendarSources',
      '/api/v1/coaches/{coach_hash_id}/calendarSources/{source}:fetch',
      '/api/v1/coaches/{coach_hash_id}/calendarLinks',
      '/api/v1/clients/{client_hash_id}/calendarLinks',
      '/api/v1/coaches/{coach_hash_id}/calendarLinks/{id}',
      '/api/v1/clients/{client_hash_id}/calendarLinks/{id}',
      '/api/v1/coaches/{coach_hash_id}/calendar.ics',
      '/api/v1/clients/{client_hash_id}/calendar.ics',
      '/api/v1/sessions/{id}.ics',
    ]);
    expect(at('tags', 1, 'name')).toBe('AvailabilityService');
    expect(at(...schedule)).toMatchObject({
      operationId: 'ScheduleSession',
      summary: 'Schedule a session',
      description:
        'Books a session, or refuses it whole.\n\n' +
        'With authentication, this is for services and admins, and for coaches and clients about themselves.',
    });
    const byKey = at('paths', '/api/v1/clients/{client_hash_id}/calendar.ics', 'get') as JsonObject;
    expect(byKey).toMatchObject({
      security: [{}, { token: [] }, { link: [] }],
      description: expect.stringMatching(/about themselves, and for whoever has a secret link\.$/),
    });
    expect(at('paths', '/api/v1/webhooks', 'get', 'description')).toMatch(/With authentication, this is for admins\.$/);
    // To the last sentence, whatever the comment tells of.
    expect(at('tags', 0, 'description')).toMatch(
      /^Books sessions, changes them and finds them again\..*RetryInfo.*\.$/s,
    );
  });

  test("has the seed's request for an example", () => {
    expect(at(...schedule, 'requestBody', 'content', 'application/json', 'example')).toEqual(seedRequest);
  });

  test('has no field of the path in a body, and says which bodies may be left out', () => {
    const cancel = bodyOf('/api/v1/sessions/{id}:cancel');
    expect(Object.keys(at(...cancel, 'schema', 'properties') as object)).not.toContain('id');
    expect(at(...cancel, 'schema', 'required')).toEqual(['cancelled_by']);
    expect(at(...cancel, 'example')).toEqual({ cancelled_by: 'PARTY_CLIENT', reason: 'ill' });
    expect(at('paths', '/api/v1/sessions/{id}:cancel', 'post', 'requestBody', 'required')).toBe(true);
    expect(at('paths', '/api/v1/sessions/{id}:complete', 'post', 'requestBody', 'required')).toBe(false);
  });

  test('says which fields are required, which the service gives, and their limits', () => {
    const asked = ['components', 'schemas', 'SessionInput'] as const;
    expect(at(...asked, 'required')).toEqual(['coach_hash_id', 'client_hash_id', 'start', 'duration']);
    expect(Object.keys(at(...asked, 'properties') as object)).toEqual(at(...asked, 'required'));
    // A response has every field.
    expect(at(...session, 'required')).toEqual(Object.keys(at(...session, 'properties') as object));
    expect(at(...session, 'properties', 'coach_hash_id')).toMatchObject({
      minLength: 1,
      maxLength: 128,
      pattern: '^[A-Za-z0-9._~:@|=+/-]*$',
    });
    const reason = { type: 'string', maxLength: 1000, pattern: '^[^\\x00]*$' };
    expect(at(...bodyOf('/api/v1/sessions/{id}:cancel'), 'schema', 'properties', 'reason')).toMatchObject(reason);
    // JSON has 64-bit numbers as texts, which have no smallest and no largest value.
    expect(at('paths', '/api/v1/sessions/{id}', 'get', 'parameters', 3, 'schema')).toEqual({
      type: 'string',
      format: 'int64',
    });
    expect(at(...session, 'properties', 'duration')).toMatchObject({ type: 'integer', minimum: 1, maximum: 1440 });
    expect(at(...session, 'properties', 'start')).toMatchObject({ type: 'string', format: 'date-time' });
    expect(at('components', 'schemas', 'SessionState')).toMatchObject({
      enum: expect.arrayContaining(['SESSION_STATE_UNSPECIFIED', 'SESSION_STATE_SCHEDULED', 'SESSION_STATE_NO_SHOW']),
      description: expect.stringContaining(
        '`SESSION_STATE_SCHEDULED`: The session is booked: it takes the time of the coach and the client.',
      ),
    });
  });

  test('says what can be in the query, the path and the headers', () => {
    const parameters = at(...list, 'parameters') as { name: string; in: string }[];
    expect(parameters.map(({ name, in: place }) => `${place} ${name}`)).toEqual([
      'query coach_hash_id',
      'query client_hash_id',
      'query from',
      'query to',
      'query state',
      'query page_size',
      'query page_token',
      'query consistency_token',
      'query series_id',
      'query as_of',
      'query as_of_revision',
      'query states',
      'query updated_after',
      'query newest_first',
      'query fields',
    ]);
    expect(at('paths', '/api/v1/sessions/{id}', 'get', 'parameters', 0)).toMatchObject({
      name: 'id',
      in: 'path',
      required: true,
      schema: { type: 'string' },
    });
    const headersOf = (path: string, verb = 'post') => {
      const all = at('paths', path, verb, 'parameters') as { name: string; in: string }[];
      return all.filter(({ in: place }) => place === 'header').map(({ name }) => name);
    };
    expect(headersOf('/api/v1/sessions')).toEqual(['Idempotency-Key', 'X-Actor']);
    expect(headersOf('/api/v1/sessions/{id}:cancel')).toEqual(['Idempotency-Key', 'If-Match', 'X-Actor']);
    expect(headersOf('/api/v1/coaches/{coach_hash_id}/calendarSources/{source}', 'put')).toEqual(['If-Match']);
    expect(headersOf('/api/v1/coaches/{coach_hash_id}/calendar.ics', 'get')).toEqual(['If-None-Match']);
    expect(headersOf('/api/v1/sessions', 'get')).toEqual([]);
  });

  test.each(['coach', 'client'])('names nobody else where the path names a %s', (whose) => {
    const path = `/api/v1/${whose === 'coach' ? 'coaches' : 'clients'}/{${whose}_hash_id}`;
    const named = (below: string, verb: string) =>
      (at('paths', `${path}/${below}`, verb, 'parameters') as { name: string }[]).map(({ name }) => name);
    expect(named('calendar.ics', 'get')).toEqual([`${whose}_hash_id`, 'key', 'If-None-Match']);
    expect(named('calendarLinks', 'get')).toEqual([`${whose}_hash_id`]);
    expect(named('calendarLinks/{id}', 'delete')).toEqual([`${whose}_hash_id`, 'id']);
    const { schema, example } = at(...bodyOf(`${path}/calendarLinks`)) as Record<string, JsonObject>;
    expect(Object.keys(schema!['properties'] as object)).toEqual(['description']);
    expect(Object.keys(example!)).toEqual(['description']);
  });

  test('has a mistake for an example that the operation refuses', () => {
    const example = (path: string) =>
      at('paths', path, 'get', 'responses', '400', 'content', 'application/problem+json', 'examples');
    const mistake = (field: string) => ({ INVALID_ARGUMENT: { value: { errors: [{ field }] } } });
    expect(example('/api/v1/coaches/{coach_hash_id}/calendar.ics')).toMatchObject(mistake('key'));
    expect(example('/api/v1/sessions/{id}.ics')).toMatchObject(mistake('colour'));
  });

  test('says what is answered by 304 when it is still the same', () => {
    const ofGet = (path: string) => at('paths', path, 'get', 'responses');
    expect(ofGet('/api/v1/clients/{client_hash_id}/calendar.ics')).toMatchObject({ 304: { headers: { ETag: {} } } });
    expect(ofGet('/api/v1/sessions')).not.toHaveProperty('304');
  });

  test('requires no field of sessions of which the caller can ask for some fields only', () => {
    const items = at('components', 'schemas', 'ListSessionsResponse', 'properties', 'sessions', 'items');
    expect(items).toEqual({ $ref: '#/components/schemas/PartialSession' });
    const { required, ...partial } = at(...session) as { required: JsonValue };
    expect(required).toContain('duration');
    expect(at('components', 'schemas', 'PartialSession')).toEqual(partial);
  });

  test('says what is answered, errors by status', () => {
    expect(at(...schedule, 'responses', '201')).toMatchObject({
      headers: { Location: {}, ETag: {} },
      content: { 'application/json': { schema: { $ref: '#/components/schemas/ScheduleSessionResponse' } } },
    });
    const statuses = Object.keys(at(...schedule, 'responses') as object);
    expect(statuses.join(' ')).toBe('200 201 400 401 403 409 413 415 422 429 503 504');
    const ofCancel = Object.keys(at('paths', '/api/v1/sessions/{id}:cancel', 'post', 'responses') as object);
    expect(ofCancel.join(' ')).toBe('200 400 401 403 404 409 412 413 415 422 429 503 504');
    expect(at('paths', '/api/v1/sessions/{id}:cancel', 'post', 'responses', '200', 'headers')).toHaveProperty('ETag');
    expect(at(...schedule, 'responses', '409', 'description')).toMatch(/ALREADY_EXISTS .* COACH_OVERLAP/s);
    expect(at('paths', '/api/v1/holds/{id}:confirm', 'post', 'responses', '409', 'description')).not.toMatch(/OVERLAP/);
    const ofConfirm = Object.keys(at('paths', '/api/v1/holds/{id}:confirm', 'post', 'responses') as object);
    expect(ofConfirm.join(' ')).toBe('200 201 400 401 403 404 409 412 413 415 422 429 503 504');
    expect(at(...schedule, 'responses', '503')).toMatchObject({
      headers: { 'Retry-After': {} },
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    });
    expect(at(...schedule, 'responses', '429')).toMatchObject({
      description: expect.stringContaining('RESOURCE_EXHAUSTED with reason RATE_LIMITED'),
      headers: { 'Retry-After': {}, RateLimit: {}, 'RateLimit-Policy': {} },
    });
    expect(at('paths', '/api/v1/sessions/{id}', 'get', 'responses', '404', 'description')).toMatch(/^NOT_FOUND/);
    const ofRead = Object.keys(at('paths', '/api/v1/sessions/{id}', 'get', 'responses') as object);
    expect(ofRead.join(' ')).toBe('200 304 400 401 403 404 429 503 504');
  });

  test('names the reasons of errors and conflicts', () => {
    expect(at('components', 'schemas', 'Problem', 'properties', 'reason')).toEqual({
      $ref: '#/components/schemas/ErrorReason',
    });
    const reasons = at('components', 'schemas', 'ErrorReason', 'enum') as string[];
    expect(reasons).toContain('HOLD_QUOTA');
    expect(reasons).not.toContain('ERROR_REASON_UNSPECIFIED');
    const ofConflict = at('components', 'schemas', 'Conflict', 'properties', 'reason', 'enum') as string[];
    expect(ofConflict).toEqual(['COACH_OVERLAP', 'CLIENT_OVERLAP', 'SLOT_HELD', 'AGAINST_POLICY']);
  });

  test('says what the values of an enum mean, as far as the protos do', () => {
    expect(at('components', 'schemas', 'ObstacleCode', 'description')).toMatch(/`GAP`: The gap to the session or hold/);
    expect(at('components', 'schemas', 'DayOfWeek')).not.toHaveProperty('description');
  });

  test('requires what a query needs', () => {
    const query = at('paths', '/api/v1/coaches/{coach_hash_id}/slots', 'get', 'parameters') as JsonObject[];
    expect(query.filter(({ required }) => required).map(({ name }) => name)).toEqual([
      'coach_hash_id',
      'from',
      'duration',
    ]);
  });

  test('has an example for every error, as the service answers it', () => {
    const conflict = at(...schedule, 'responses', '409', 'content', 'application/problem+json', 'examples');
    const names = ['COACH_OVERLAP', 'SLOT_HELD', 'CLIENT_OVERLAP', 'AGAINST_POLICY', 'ABORTED'];
    expect(Object.keys(conflict as object)).toEqual(names);
    expect((conflict as Record<string, object>)['COACH_OVERLAP']).toEqual({
      value: {
        type: 'urn:aceup:scheduler:problem:coach-overlap',
        title: 'Coach overlap',
        status: 409,
        detail: 'the coach has a session from 2022-12-01T14:30:00Z to 2022-12-01T15:30:00Z',
        code: 'ALREADY_EXISTS',
        reason: 'COACH_OVERLAP',
        interval: { start: '2022-12-01T14:30:00Z', end: '2022-12-01T15:30:00Z' },
        correlation_id: expect.any(String),
      },
    });
    const sentence = "The coach's hours on 2022-12-01 are 09:30 to 13:30 (UTC).";
    expect((conflict as Record<string, object>)['AGAINST_POLICY']).toMatchObject({
      value: { detail: sentence, obstacles: [{ code: 'OUTSIDE_HOURS', message: sentence }] },
    });
  });

  test('has words for every error', () => {
    const operations = Object.values(at('paths') as object).flatMap((path: object) => Object.values(path));
    for (const { operationId, responses } of operations) {
      for (const [status, { description }] of Object.entries<{ description: string }>(responses)) {
        if (Number(status) < 400) continue;
        for (const text of description.split('\n\n')) {
          expect(text, operationId).toMatch(/^[A-Z_]+( with reason [A-Z_]+)?: .+\.$/);
        }
      }
    }
  });

  test('refers to nothing that is not in it', () => {
    const references = [...JSON.stringify(document).matchAll(/"#\/([^"]+)"/g)].map(([, path]) => path as string);
    expect(references.length).toBeGreaterThan(10);
    for (const path of references) expect(at(...path.split('/')), path).toBeTypeOf('object');
  });

  test('has what other bindings allow', async () => {
    const method = fabricatedMethod({ pattern: { case: 'patch', value: '/notes/{note.id}:edit' }, body: 'note' });
    const other = await ownGateway({ endpoints: [unframed(method, emptyAnswer)] });
    expect(await (await fetch(`${other.url}/openapi.json`)).json()).toMatchObject({
      paths: {
        '/notes/{note.id}:edit': {
          patch: {
            parameters: [
              { name: 'note.id', in: 'path' },
              { name: 'id', in: 'query' },
              { name: 'tags', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
              { name: 'dry_run', in: 'query', schema: { type: 'boolean' } },
              { name: 'size', in: 'query', schema: { type: 'string', format: 'int64' } },
            ],
            requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/NoteInput' } } } },
          },
        },
      },
    });
  });
});

describe('the page that shows it', () => {
  test.each(['/', '/docs/'])('is where %s leads to', async (path) => {
    const answer = await fetch(gateway.url + path, { redirect: 'manual' });
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe('/docs');
    expect((await fetch(gateway.url + path)).headers.get('content-type')).toMatch(/^text\/html/);
  });

  test('has its script in one file, compressed', async () => {
    const script = await fetch(`${gateway.url}/docs/page.js`);
    expect(script.headers.get('content-type')).toMatch(/^text\/javascript/);
    expect(script.headers.get('content-encoding')).toBe('gzip');
    expect(await script.text()).toContain('createApiReference');
  });

  test('shows the field for the token of the document at once', async () => {
    const page = await (await fetch(`${gateway.url}/docs`)).text();
    const [, scheme] = /"preferredSecurityScheme":"(\w+)"/.exec(page) ?? [];
    expect((document['components'] as JsonObject)['securitySchemes']).toEqual({
      [scheme!]: { type: 'http', scheme: 'bearer' },
      link: expect.objectContaining({ type: 'apiKey', in: 'query', name: 'key' }),
    });
  });

  test('needs nothing from elsewhere', async () => {
    const page = await fetch(`${gateway.url}/docs`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    const used = [...(await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url as string);
    expect(used).toContain('docs/page.js');
    for (const url of used.filter((one) => !one.startsWith('data:'))) {
      expect(url).not.toMatch(/^(\w+:|\/)/);
      expect((await fetch(new URL(url, `${gateway.url}/docs`))).status, url).toBe(200);
    }
  });
});
