import { randomUUID } from 'node:crypto';
import { hasOption, type JsonObject, type JsonValue } from '@bufbuild/protobuf';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AvailabilityService } from '../../../src/gen/aceup/scheduler/v1/availability_service_pb.js';
import { CalendarService } from '../../../src/gen/aceup/scheduler/v1/calendar_service_pb.js';
import { SessionService } from '../../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { WebhookService } from '../../../src/gen/aceup/scheduler/v1/webhook_service_pb.js';
import { http } from '../../../src/gen/google/api/annotations_pb.js';
import { startTestService, type TestService } from '../../support/service.js';

// A client of the document alone: it knows of no method, and sends what the examples say.

interface Content {
  readonly schema: JsonObject;
  readonly example?: JsonValue;
  readonly examples?: Readonly<Record<string, { readonly value: JsonObject }>>;
}

interface Documented {
  readonly content?: Readonly<Record<string, Content>>;
  readonly links?: Readonly<Record<string, { readonly parameters: Readonly<Record<string, string>> }>>;
}

interface Operation {
  readonly operationId: string;
  readonly verb: string;
  readonly path: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: JsonObject;
    readonly example?: JsonValue;
  }[];
  readonly requestBody?: Documented & { readonly required: boolean };
  readonly responses: Readonly<Record<string, Documented>>;
}

const ALL = [
  ...SessionService.methods,
  ...AvailabilityService.methods,
  ...WebhookService.methods,
  ...CalendarService.methods,
];
const served = ALL.filter((method) => hasOption(method, http));
const METHODS = served.map(({ name }) => name);
const COMMANDS = served.flatMap(({ name, input }) =>
  input.fields.some((field) => field.name === 'validate_only') ? [name] : [],
);

let service: TestService;
let components: JsonObject;
const operations = new Map<string, Operation>();

beforeAll(async () => {
  service = await startTestService();
  const document = (await (await fetch(`${service.httpUrl}/openapi.json`)).json()) as JsonObject;
  components = document['components'] as JsonObject;
  for (const [path, verbs] of Object.entries(document['paths'] as JsonObject)) {
    for (const [verb, operation] of Object.entries(verbs as JsonObject)) {
      const { operationId, ...rest } = operation as unknown as Operation;
      operations.set(operationId, { ...rest, operationId, verb: verb.toUpperCase(), path });
    }
  }
});
afterAll(() => service?.stop());

function operationNamed(name: string): Operation {
  const operation = operations.get(name);
  if (!operation) throw new Error(`the document has no operation ${name}`);
  return operation;
}

const ajv = new Ajv2020({ allErrors: true });
formats.default(ajv, ['date-time']);
ajv.addFormat('int32', true).addFormat('int64', true).addVocabulary(['components']);

const validators = new Map<string, ValidateFunction>();

function expectValid(schema: JsonObject, value: unknown, what: string): void {
  const key = JSON.stringify(schema);
  const validate = validators.get(key) ?? ajv.compile({ ...schema, components });
  validators.set(key, validate);
  validate(value);
  expect(validate.errors ?? [], what).toEqual([]);
}

/** What differs from an operation's example. */
interface Changes {
  /** Values for the path, by name. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: (text: string) => string;
}

/** The coach and the client of a test: all examples are about the same two, who can meet at one time once. */
type People = <Value>(value: Value) => Value;

function newPeople(): People {
  const id = randomUUID();
  return (value) => JSON.parse(JSON.stringify(value).replaceAll(/"(123|456)"/g, `"$1-${id}"`));
}

/** What is in the path of an operation's example. */
function pathOf({ parameters }: Operation, people: People, changes: Changes): Readonly<Record<string, string>> {
  const inPath = parameters.filter((one) => one.in === 'path' && one.example !== undefined);
  const examples = inPath.map(({ name, example }) => [name, String(example)]);
  return { ...people(Object.fromEntries(examples)), ...changes.path };
}

/** Sends the example of an operation. */
function send(operation: Operation, people: People, changes: Changes = {}): Promise<Response> {
  const inPath = pathOf(operation, people, changes);
  const path = operation.path.replaceAll(/\{([^}]+)\}/g, (_, name) => encodeURIComponent(inPath[name] ?? ''));
  const inQuery = operation.parameters.filter((one) => one.in === 'query' && one.example !== undefined);
  const examples = inQuery.map(({ name, example }) => [name, String(example)]);
  const query = new URLSearchParams({ ...Object.fromEntries(examples), ...changes.query });
  const body = operation.requestBody?.content?.['application/json']?.example;
  const text = body === undefined ? undefined : JSON.stringify(people(body));
  return fetch(`${service.httpUrl}${path}?${query}`, {
    method: operation.verb,
    headers: { ...(text !== undefined && { 'content-type': 'application/json' }), ...changes.headers },
    ...(text !== undefined && { body: changes.body?.(text) ?? text }),
  });
}

/** The operation that comes before another by a link of the document, and how it fills the path of the other. */
function linkTo({ operationId }: Operation) {
  for (const source of operations.values()) {
    for (const { links } of Object.values(source.responses)) {
      const link = links?.[operationId];
      if (link) return { source, parameters: link.parameters };
    }
  }
  return undefined;
}

/** Sends the examples that come before an operation's, and returns what they give for its path. */
async function prepare(operation: Operation, people: People, changes: Changes = {}): Promise<Record<string, string>> {
  const link = linkTo(operation);
  if (!link) return {};
  const { source, parameters } = link;
  const path = await prepare(source, people);
  const answer = (await (await send(source, people, { ...changes, path })).json()) as JsonObject;
  const sent = pathOf(source, people, { path });
  return Object.fromEntries(
    Object.entries(parameters).map(([name, expression]) => [name, String(at(sent, answer, expression))]),
  );
}

/** https://spec.openapis.org/oas/v3.1.0#runtime-expressions, of paths and answers alone. */
function at(path: JsonObject, answer: JsonObject, expression: string): JsonValue | undefined {
  const [, inPath] = /^\$request\.path\.(.+)$/.exec(expression) ?? [];
  if (inPath) return path[inPath];
  const names = expression.replace('$response.body#/', '').split('/');
  return names.reduce<JsonValue | undefined>((value, name) => (value as JsonObject | undefined)?.[name], answer);
}

const typeOf = (answer: Response) => answer.headers.get('content-type')?.split(';')[0] ?? '';

/**
 * Checks that the document has the answer's status, media type and body, and returns the body. The body of a stream does
 * not end: it is left.
 */
async function expectDocumented(operation: Operation, answer: Response): Promise<JsonObject> {
  if (typeOf(answer) === 'text/event-stream') {
    expect(Object.keys(operation.responses[answer.status]?.content ?? {})).toEqual([typeOf(answer)]);
    await answer.body?.cancel();
    return {};
  }
  const text = await answer.text();
  const body = (typeOf(answer).endsWith('json') ? JSON.parse(text) : text) as JsonObject;
  const what = `${operation.operationId} ${answer.status} ${JSON.stringify(body)}`;
  const content = operation.responses[answer.status]?.content?.[typeOf(answer)];
  expect(content, what).toBeDefined();
  expectValid(content?.schema ?? {}, body, what);
  return body;
}

test('every method has an example', () => {
  const without = [...operations.values()].filter(({ parameters, requestBody }) => {
    const needed = parameters.filter((one) => one.in === 'path');
    const bodies = Object.values(requestBody?.content ?? {});
    const examples = parameters.filter(({ example }) => example !== undefined);
    const has = requestBody ? bodies.every(({ example }) => example !== undefined) : examples.length > 0;
    return !has || needed.some(({ example }) => example === undefined);
  });
  expect(
    without.map(({ operationId }) => operationId),
    'add an example to src/doors/gateway/openapi/request-examples.ts',
  ).toEqual([]);
  // A further route of a method has a number.
  const names = [...operations.keys()].map((id) => id.replace(/\d$/, ''));
  expect([...new Set(names)].sort()).toEqual([...METHODS].sort());
});

describe('an example is valid, accepted, and answered as the document says:', () => {
  test.each(METHODS)('%s', async (name) => {
    const operation = operationNamed(name);
    for (const { name: parameter, schema, example } of operation.parameters) {
      if (example !== undefined) expectValid(schema, example, parameter);
    }
    for (const { schema, example } of Object.values(operation.requestBody?.content ?? {})) {
      expectValid(schema, example, 'the body');
    }
    const people = newPeople();
    const path = await prepare(operation, people);
    const answer = await send(operation, people, { path });
    expect(answer.ok, answer.ok ? '' : await answer.clone().text()).toBe(true);
    await expectDocumented(operation, answer);
  });
});

describe('with validate_only, a command is answered as the document says:', () => {
  test.each(COMMANDS)('%s', async (name) => {
    const operation = operationNamed(name);
    const people = newPeople();
    const path = await prepare(operation, people);
    const body = (text: string) => JSON.stringify({ ...JSON.parse(text), validate_only: true });
    const only = operation.requestBody ? { body } : { query: { validate_only: 'true' } };
    const answer = await send(operation, people, { path, ...only });
    expect(answer.status).toBe(200);
    await expectDocumented(operation, answer);
  });
});

/** Commands that can be sent twice, and the command that makes the second one too late. */
const TOO_LATE_AFTER: Readonly<Record<string, string>> = {
  RescheduleSession: 'CancelSession',
  RescheduleSeries: 'CancelSeries',
};

const UNKNOWN_ID = randomUUID();

type Cause = (operation: Operation, people: People) => Promise<Response>;

/** Sends the example once something else was sent, and changed. */
const changed =
  (changes: Changes): Cause =>
  async (operation, people) =>
    send(operation, people, { path: await prepare(operation, people), ...changes });

/** Whether an operation asks about a session that is to be moved. */
function isForSession({ parameters }: Operation): boolean {
  return parameters.some(({ name, in: place }) => place === 'query' && name === 'session_id');
}

/** Whether the key of a link opens what an operation answers. */
function isByKey({ parameters }: Operation): boolean {
  return parameters.some(({ name, in: place }) => place === 'query' && name === 'key');
}

/** The id of a session that is cancelled. */
async function cancelled(people: People): Promise<string> {
  const cancel = operationNamed('CancelSession');
  const path = await prepare(cancel, people);
  await send(cancel, people, { path });
  return path['id'] ?? '';
}

/** How any operation is brought to answer a status. */
const CAUSES: Readonly<Record<string, Cause>> = {
  400: (operation, people) => {
    // What a key opens is asked for with any parameters.
    const query = isByKey(operation) ? { key: 'x'.repeat(129) } : { colour: 'red' };
    return changed({ query })(operation, people);
  },
  404: (operation, people) => {
    if (isForSession(operation)) return send(operation, people, { query: { session_id: UNKNOWN_ID } });
    if (isByKey(operation)) return send(operation, people, { query: { key: UNKNOWN_ID } });
    const inPath = operation.parameters.filter((one) => one.in === 'path');
    return send(operation, people, { path: Object.fromEntries(inPath.map(({ name }) => [name, UNKNOWN_ID])) });
  },
  409: async (operation, people) => {
    if (isForSession(operation)) return send(operation, people, { query: { session_id: await cancelled(people) } });
    const path = await prepare(operation, people);
    await send(operationNamed(TOO_LATE_AFTER[operation.operationId] ?? operation.operationId), people, { path });
    return send(operation, people, { path });
  },
  412: changed({ headers: { 'if-match': '"of-another-version"' } }),
  413: changed({ body: (text) => text + ' '.repeat(1024 * 1024) }),
  415: changed({ headers: { 'content-type': 'text/plain' } }),
  422: async (operation, people) => {
    const headers = { 'idempotency-key': randomUUID() };
    const path = await prepare(operation, people, { headers });
    // Where nothing comes before, the same command for other people.
    if (!linkTo(operation)) await send(operation, newPeople(), { headers });
    return send(operation, people, { path, headers });
  },
};

/** A service that authenticates callers, is overloaded, contended for or without a database has tests of its own. */
const NOT_CAUSED_HERE = ['401', '403', '429', '503', '504'];
const RARE_ERRORS = [
  'ABORTED',
  'TIME_OFF_QUOTA',
  'READER_TOO_SLOW',
  'WEBHOOK_QUOTA',
  'CALENDAR_SOURCE_QUOTA',
  'CALENDAR_LINK_QUOTA',
];

/** The statuses of errors that the test can bring an operation to answer. */
function statusesToCause({ responses }: Operation): string[] {
  const statuses = Object.keys(responses).filter((one) => Number(one) >= 400 && !NOT_CAUSED_HERE.includes(one));
  return statuses.filter((status) => {
    const names = Object.keys(responses[status]?.content?.['application/problem+json']?.examples ?? {});
    return names.some((name) => !RARE_ERRORS.includes(name));
  });
}

describe('an error is answered as the document says, which has an example of it:', () => {
  test.each(METHODS)('%s', async (name) => {
    const operation = operationNamed(name);
    for (const status of statusesToCause(operation)) {
      const cause = CAUSES[status];
      if (!cause) throw new Error(`add to CAUSES how an operation is brought to answer ${status}`);
      const answer = await cause(operation, newPeople());
      expect(answer.status, `${name} ${status}: ${await answer.clone().text()}`).toBe(Number(status));
      const { type, title, code, reason } = await expectDocumented(operation, answer);
      const examples = operation.responses[status]?.content?.['application/problem+json']?.examples ?? {};
      const example = examples[(reason ?? code) as string]?.value;
      expect(example, `${name} ${status}`).toMatchObject({ type, title, code });
    }
  });

  test('and every example is a valid problem', () => {
    for (const { operationId, responses } of operations.values()) {
      for (const { content } of Object.values(responses)) {
        const { schema = {}, examples = {} } = content?.['application/problem+json'] ?? {};
        for (const { value } of Object.values(examples)) expectValid(schema, value, operationId);
      }
    }
  });
});
