import { randomUUID } from 'node:crypto';
import { hasOption, type JsonObject, type JsonValue } from '@bufbuild/protobuf';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SessionService } from '../../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { http } from '../../../src/gen/google/api/annotations_pb.js';
import { startTestService, type TestService } from '../../support/service.js';

// A client of the document alone: it knows of no method, and sends what the examples say.

interface Content {
  readonly schema: JsonObject;
  readonly example?: JsonValue;
  readonly examples?: Readonly<Record<string, { readonly value: JsonObject }>>;
}

interface Documented {
  readonly content: Readonly<Record<string, Content>>;
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

const served = SessionService.methods.filter((method) => hasOption(method, http));
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
type People = (text: string) => string;

function newPeople(): People {
  const id = randomUUID();
  return (text) => text.replaceAll(/"(123|456)"/g, `"$1-${id}"`);
}

/** Sends the example of an operation. */
function send(operation: Operation, people: People, changes: Changes = {}): Promise<Response> {
  const examples = operation.parameters.filter(({ example }) => example !== undefined);
  const valuesIn = (place: string) =>
    examples.filter((one) => one.in === place).map(({ name, example }) => [name, String(example)] as const);
  const inPath = { ...Object.fromEntries(valuesIn('path')), ...changes.path };
  const path = operation.path.replaceAll(/\{([^}]+)\}/g, (_, name) => encodeURIComponent(inPath[name] ?? ''));
  const query = new URLSearchParams({ ...Object.fromEntries(valuesIn('query')), ...changes.query });
  const body = operation.requestBody?.content['application/json']?.example;
  const text = body === undefined ? undefined : people(JSON.stringify(body));
  return fetch(`${service.httpUrl}${path}?${query}`, {
    method: operation.verb,
    headers: { ...(text !== undefined && { 'content-type': 'application/json' }), ...changes.headers },
    ...(text !== undefined && { body: changes.body?.(text) ?? text }),
  });
}

/** The operation that comes before another by a link of the document, and how its answer fills the path of the other. */
function linkTo({ operationId }: Operation) {
  for (const source of operations.values()) {
    for (const { links } of Object.values(source.responses)) {
      const link = links?.[operationId];
      if (link) return { source, parameters: link.parameters };
    }
  }
  return undefined;
}

/** Sends the examples that come before an operation's, and returns what their answers give for its path. */
async function prepare(operation: Operation, people: People, changes: Changes = {}): Promise<Record<string, string>> {
  const link = linkTo(operation);
  if (!link) return {};
  const path = await prepare(link.source, people);
  const answer = (await (await send(link.source, people, { ...changes, path })).json()) as JsonObject;
  return Object.fromEntries(
    Object.entries(link.parameters).map(([name, expression]) => [name, String(at(answer, expression))]),
  );
}

/** https://spec.openapis.org/oas/v3.1.0#runtime-expressions, of bodies alone. */
function at(answer: JsonValue, expression: string): JsonValue | undefined {
  const names = expression.replace('$response.body#/', '').split('/');
  return names.reduce<JsonValue | undefined>((value, name) => (value as JsonObject | undefined)?.[name], answer);
}

const typeOf = (answer: Response) => answer.headers.get('content-type')?.split(';')[0] ?? '';

/** Checks that the document has the answer's status, media type and body, and returns the body. */
async function expectDocumented(operation: Operation, answer: Response): Promise<JsonObject> {
  const body = (await answer.json()) as JsonObject;
  const what = `${operation.operationId} ${answer.status} ${JSON.stringify(body)}`;
  const content = operation.responses[answer.status]?.content[typeOf(answer)];
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
  const names = without.map(({ operationId }) => operationId);
  expect(names, 'add an example to src/doors/gateway/openapi/request-examples.ts').toEqual([]);
  expect([...operations.keys()].sort()).toEqual([...METHODS].sort());
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
    expect(answer.ok, await answer.clone().text()).toBe(true);
    await expectDocumented(operation, answer);
  });
});

describe('with validate_only, a command is answered as the document says:', () => {
  test.each(COMMANDS)('%s', async (name) => {
    const operation = operationNamed(name);
    const people = newPeople();
    const path = await prepare(operation, people);
    const body = (text: string) => JSON.stringify({ ...JSON.parse(text), validate_only: true });
    const answer = await send(operation, people, { path, body });
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

/** How any operation is brought to answer a status. */
const CAUSES: Readonly<Record<string, Cause>> = {
  400: changed({ query: { colour: 'red' } }),
  404: (operation, people) => {
    const inPath = operation.parameters.filter((one) => one.in === 'path');
    return send(operation, people, { path: Object.fromEntries(inPath.map(({ name }) => [name, UNKNOWN_ID])) });
  },
  409: async (operation, people) => {
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
    // Where nothing comes before, the same command with another duration.
    if (!linkTo(operation)) await send(operation, people, { headers });
    return send(operation, people, { path, headers, body: (text) => text.replace('"duration":60', '"duration":30') });
  },
};

/** A service that is overloaded or has no database has tests of its own. */
const NOT_CAUSED_HERE = ['429', '503', '504'];

describe('an error is answered as the document says, which has an example of it:', () => {
  test.each(METHODS)('%s', async (name) => {
    const operation = operationNamed(name);
    for (const status of Object.keys(operation.responses)) {
      if (Number(status) < 400 || NOT_CAUSED_HERE.includes(status)) continue;
      const cause = CAUSES[status];
      if (!cause) throw new Error(`add to CAUSES how an operation is brought to answer ${status}`);
      const answer = await cause(operation, newPeople());
      expect(answer.status, `${name} ${status}: ${await answer.clone().text()}`).toBe(Number(status));
      const { type, title, code, reason } = await expectDocumented(operation, answer);
      const examples = operation.responses[status]?.content['application/problem+json']?.examples ?? {};
      const example = examples[(reason ?? code) as string]?.value;
      expect(example, `${name} ${status}`).toMatchObject({ type, title, code });
    }
  });

  test('and every example is a valid problem', () => {
    for (const { operationId, responses } of operations.values()) {
      for (const { content } of Object.values(responses)) {
        const { schema = {}, examples = {} } = content['application/problem+json'] ?? {};
        for (const { value } of Object.values(examples)) expectValid(schema, value, operationId);
      }
    }
  });
});
