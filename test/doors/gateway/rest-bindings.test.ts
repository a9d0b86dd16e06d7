import { fromJson, type JsonValue, toJson } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { unframed } from '../../support/endpoints.js';
import { fabricatedMethod, type Rule } from './fabricated-service.js';
import { emptyAnswer, ownGateway, post, type TestGateway } from './support.js';

async function serve(rule: Rule, created?: string, response: JsonValue = {}): Promise<TestGateway> {
  const method = fabricatedMethod(rule, created);
  const invoke = async () => fromJson(method.output, response);
  return ownGateway({ endpoints: [{ method, invoke }] });
}

/** What the gateway made of the only request that reached the endpoint. */
function requestAt({ asked }: TestGateway): JsonValue {
  expect(asked).toHaveLength(1);
  const [{ request, call }] = asked as [TestGateway['asked'][number]];
  return toJson(call.method.input, request, { useProtoFieldName: true });
}

const get = (value: string) => ({ pattern: { case: 'get' as const, value } });
const postTo = (value: string, body = '*'): Rule => ({ pattern: { case: 'post', value }, body });

describe('the path', () => {
  test.each([
    ['/notes/n-1', 'n-1'],
    ['/notes/a%2Fb%20%C3%A9', 'a/b é'],
    ['/notes/anna%40example.com', 'anna@example.com'],
    ['/notes/auth0%7C1f', 'auth0|1f'],
    ['/notes/spiffe%3A%2F%2Fexample.org%2Fa%2Fb', 'spiffe://example.org/a/b'],
    ['/notes/aGk%2B%3D', 'aGk+='],
    ['/notes/a:b', 'a:b'],
    [`/notes/${'x'.repeat(2_000)}`, 'x'.repeat(2_000)],
  ])('%.30s names the field', async (path, id) => {
    const gateway = await serve(get('/notes/{id}'));
    expect((await fetch(gateway.url + path)).status).toBe(200);
    expect(requestAt(gateway)).toEqual({ id });
  });

  test('fills a field of a field', async () => {
    const gateway = await serve(get('/notes/{note.id}/tags'));
    await fetch(`${gateway.url}/notes/n-1/tags`);
    expect(requestAt(gateway)).toEqual({ note: { id: 'n-1' } });
  });

  test('fills a number, by the rules of JSON', async () => {
    const gateway = await serve(get('/notes/{size}'));
    await fetch(`${gateway.url}/notes/12`);
    expect(requestAt(gateway)).toEqual({ size: '12' });
    expect((await fetch(`${gateway.url}/notes/twelve`)).status).toBe(400);
  });

  test('may end in a verb, beside the same path without it and with another', async () => {
    const plain = fabricatedMethod(postTo('/notes/{id}'), '', 'Edit');
    const cancel = fabricatedMethod(postTo('/notes/{id}:cancel'), '', 'Cancel');
    const move = fabricatedMethod(postTo('/notes/{id}:move'), '', 'Move');
    const gateway = await ownGateway({
      endpoints: [plain, cancel, move].map((method) => unframed(method, emptyAnswer)),
    });
    for (const verb of ['', ':cancel', ':move']) await post(`${gateway.url}/notes/n-1${verb}`, {});
    expect(gateway.asked.map(({ call }) => call.method)).toEqual([plain, cancel, move]);
    expect(gateway.asked.map(({ request }) => (request as unknown as { id: string }).id)).toEqual([
      'n-1',
      'n-1',
      'n-1',
    ]);
  });

  test('with a verb needs no body at all', async () => {
    const gateway = await serve(postTo('/notes/{id}:cancel'));
    expect((await fetch(`${gateway.url}/notes/n-1:cancel`, { method: 'POST' })).status).toBe(200);
    expect(requestAt(gateway)).toEqual({ id: 'n-1' });
  });

  test.each<[string, JsonValue, JsonValue]>([
    ['/notes/n-1', { id: '' }, { id: 'n-1' }],
    ['/notes/n-1', { id: null }, { id: 'n-1' }],
    ['/sizes/12', { size: 0 }, { size: '12' }],
    ['/sizes/12', { size: '0' }, { size: '12' }],
    ['/inner/n-1', { note: { id: '' } }, { note: { id: 'n-1' } }],
  ])('%s fills a field that the body has empty: %j', async (path, body, expected) => {
    const rules = ['/notes/{id}', '/sizes/{size}', '/inner/{note.id}'];
    const methods = rules.map((rule, index) => fabricatedMethod(postTo(rule), '', `Do${index}`));
    const gateway = await ownGateway({ endpoints: methods.map((method) => unframed(method, emptyAnswer)) });
    expect((await post(gateway.url + path, body as object)).status).toBe(200);
    expect(requestAt(gateway)).toEqual(expected);
  });

  test.each([[[]], [0], [false], [{}]])('does not stand in for a body of another type: %j', async (id) => {
    const gateway = await serve(postTo('/notes/{id}'));
    expect((await post(`${gateway.url}/notes/n-1`, { id })).status).toBe(400);
  });

  test('and the body must not differ about a field', async () => {
    const gateway = await serve(postTo('/notes/{id}'));
    expect((await post(`${gateway.url}/notes/n-1`, { id: 'n-1' })).status).toBe(200);
    const differing = await post(`${gateway.url}/notes/n-1`, { id: 'n-2' });
    expect(await differing.json()).toMatchObject({
      status: 400,
      errors: [{ field: 'id', description: 'has another value in the path' }],
    });
  });
});

describe('the body', () => {
  test('may be one field, the rest in the query', async () => {
    const gateway = await serve({ pattern: { case: 'patch', value: '/notes/{note.id}' }, body: 'note' });
    const answer = await fetch(`${gateway.url}/notes/n-1?dryRun=true&tags=a&tags=b`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: '{"text":"hello"}',
    });
    expect(answer.status).toBe(200);
    expect(requestAt(gateway)).toEqual({ note: { id: 'n-1', text: 'hello' }, dry_run: true, tags: ['a', 'b'] });
  });

  test('that is one field cannot be filled by the query', async () => {
    const gateway = await serve(postTo('/notes', 'note'));
    expect(await (await post(`${gateway.url}/notes?note.text=x`, {})).json()).toMatchObject({
      errors: [{ field: 'note.text', description: 'is an unknown query parameter' }],
    });
  });

  test('that is the whole request leaves nothing for the query', async () => {
    const gateway = await serve(postTo('/notes'));
    expect(await (await post(`${gateway.url}/notes?tags=x`, {})).json()).toMatchObject({
      errors: [{ field: 'tags', description: 'is an unknown query parameter' }],
    });
  });
});

describe('the query', () => {
  test.each<[string, JsonValue]>([
    ['tags=a', { tags: ['a'] }],
    ['tags=a&tags=b', { tags: ['a', 'b'] }],
    ['note.line_count=3&note.text=x', { note: { line_count: 3, text: 'x' } }],
    ['note.lineCount=3', { note: { line_count: 3 } }],
    ['dry_run=true', { dry_run: true }],
    ['dry_run=false', {}],
    ['dry_run=false&dryRun=true', { dry_run: true }],
    ['size=9007199254740993', { size: '9007199254740993' }],
    ['note.text=%C3%A9+%2B', { note: { text: 'é +' } }],
    ['', {}],
  ])('%s fills the fields', async (query, request) => {
    const gateway = await serve(get('/notes'));
    expect((await fetch(`${gateway.url}/notes?${query}`)).status).toBe(200);
    expect(requestAt(gateway)).toEqual(request);
  });

  test.each([
    ['unknown=1', 'unknown', 'is an unknown query parameter'],
    ['note=x', 'note', 'is an unknown query parameter'],
    ['notes=x', 'notes', 'is an unknown query parameter'],
    ['note.unknown=x', 'note.unknown', 'is an unknown query parameter'],
    ['id.x=1', 'id.x', 'is an unknown query parameter'],
    ['__proto__=1', '__proto__', 'is an unknown query parameter'],
    ['=1', '', 'is an unknown query parameter'],
    ['size=1&size=2', 'size', 'is given more than once'],
    ['dry_run=true&dryRun=false', 'dry_run', 'has another value in the query'],
    ['dry_run=1', 'dry_run', 'must be true or false'],
    ['note.line_count=x', 'note.line_count', 'must be a whole number from -2147483648 to 2147483647'],
  ])('%s is refused', async (query, field, description) => {
    const gateway = await serve(get('/notes'));
    const answer = await fetch(`${gateway.url}/notes?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ field, description }] });
    expect(gateway.asked).toEqual([]);
  });

  test('cannot fill a field of the path', async () => {
    const gateway = await serve(get('/notes/{id}'));
    expect((await fetch(`${gateway.url}/notes/n-1?id=n-1`)).status).toBe(400);
  });
});

describe('the answer', () => {
  test('has proto names and empty lists', async () => {
    const gateway = await serve(get('/notes'), '', { note: { lineCount: 2 } });
    const answer = await fetch(`${gateway.url}/notes`);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await answer.json()).toEqual({ note: { id: '', text: '', line_count: 2 }, tags: [] });
  });

  test('of a method that creates is 201, with a percent-encoded Location', async () => {
    const gateway = await serve(postTo('/notes'), '/notes/{note.id}', { note: { id: 'a/b é' } });
    const answer = await post(`${gateway.url}/notes`, {});
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe('/notes/a%2Fb%20%C3%A9');
  });
});

describe('an option', () => {
  test('may have additional bindings', async () => {
    const gateway = await serve({ ...get('/notes/{id}'), additionalBindings: [get('/old-notes/{id}')] });
    for (const path of ['notes', 'old-notes']) {
      expect((await fetch(`${gateway.url}/${path}/n-1`)).status).toBe(200);
    }
  });

  test.each<[string, Rule, RegExp]>([
    ['a field that there is not', get('/notes/{nr}'), /\{nr\}: fabricated.Request has no field nr/],
    ['a body that there is not', postTo('/notes', 'nr'), /Do: fabricated.Request has no field nr/],
    ['a pattern of several segments', get('/{id=notes/*}'), /patterns with \* are not supported/],
    ['a verb of its own', { pattern: { case: 'custom', value: { kind: 'LOCK', path: '/notes' } } }, /no verb/],
    ['a part of the response for a body', { ...get('/notes'), responseBody: 'note' }, /response_body is not supported/],
  ])('with %s stops the start', async (_, rule, message) => {
    await expect(serve(rule)).rejects.toThrow(message);
  });

  test('may be absent: then the method is served, but not as REST', async () => {
    const method = fabricatedMethod();
    const gateway = await ownGateway({ endpoints: [unframed(method, emptyAnswer)] });
    expect((await post(`${gateway.url}/fabricated.Notes/Do`, {})).status).toBe(200);
    expect(await (await fetch(`${gateway.url}/openapi.json`)).json()).toMatchObject({ paths: {} });
  });
});
