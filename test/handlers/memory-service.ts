import { randomUUID } from 'node:crypto';
import { create, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import type { ChangeFeed } from '../../src/application/change-feed.js';
import type { Freshness } from '../../src/application/read-model.js';
import type { EventStore } from '../../src/event-store/event-store.js';
import { SessionService } from '../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { BadRequestSchema } from '../../src/gen/google/rpc/error_details_pb.js';
import { type Principal, UNVERIFIED } from '../../src/handlers/access/principal.js';
import { detailOf, type Violation } from '../../src/handlers/answer/errors.js';
import type { Call } from '../../src/handlers/call.js';
import { createTurns } from '../../src/handlers/request/turns.js';
import { type SessionServiceParts, sessionServiceHandlers } from '../../src/handlers/session-service.js';
import { Cancellation } from '../../src/waiting.js';
import { commandProcess } from '../support/command-process.js';
import { letIn } from '../support/endpoints.js';
import { createMemoryLog } from '../support/memory-event-store.js';
import { zoneRules } from '../support/zone-rules.js';
import { memoryReadModel } from './memory-read-model.js';

type Methods = (typeof SessionService)['method'];
type Method<Name extends keyof Methods> = Methods[Name];

/** A request of any rpc, as a test writes it. */
export type RequestOf<Name extends keyof Methods = keyof Methods> = MessageInitShape<Method<Name>['input']>;

/** The handlers of the service, without doors. */
export interface MemoryService {
  readonly store: EventStore;
  /**
   * Calls a handler with a request, which may be about anybody. Of a stream it answers the first message. Throws what the
   * handler throws.
   */
  call<Name extends keyof Methods>(
    name: Name,
    request: MessageInitShape<Method<Name>['input']>,
    headers?: Readonly<Record<string, string>>,
    principal?: Principal,
  ): Promise<MessageShape<Method<Name>['output']>>;
}

/** What a test replaces. */
export interface MemoryServiceOptions {
  readonly freshness?: Freshness;
  readonly parts?: Partial<SessionServiceParts>;
}

/** The handlers over a command side, a store and a read model in memory. It is always noon. */
export function memoryService({ freshness, parts }: MemoryServiceOptions = {}): MemoryService {
  const store = createMemoryLog().open();
  const handlers = sessionServiceHandlers({
    turns: createTurns(),
    store,
    commands: commandProcess(store),
    now: () => NOON,
    newId: randomUUID,
    zoneRules,
    ...memoryReadModel(store),
    changes: NO_CHANGES,
    ...(freshness && { freshness }),
    ...parts,
  });

  return {
    store,
    async call(name, request, headers = {}, principal = UNVERIFIED) {
      const method: Methods[keyof Methods] = SessionService.method[name];
      const handler = handlers[name] as (message: unknown, call: Call) => Promise<never> | AsyncIterable<never>;
      const call = { ...callOf(method, headers), principal };
      const answer = handler(create(method.input as never, request as never), call);
      const message = Symbol.asyncIterator in answer ? await firstOf(answer) : await answer;
      return create(method.output as never, message) as never;
    },
  };
}

async function firstOf<Message>(messages: AsyncIterable<Message>): Promise<Message> {
  for await (const message of messages) return message;
  throw new Error('the stream ended without a message');
}

/** A feed to which nothing comes. */
const NO_CHANGES: ChangeFeed = {
  position: async () => 0n,
  follow: async ({ after }) => ({ position: () => after, next: async () => undefined }),
};

function callOf(method: Call['method'], headers: Readonly<Record<string, string>>): Call {
  return letIn({
    method,
    door: 'grpc',
    caller: '127.0.0.1',
    correlationId: 'a-test',
    deadline: undefined,
    cancellation: new Cancellation(),
    header: (name) => headers[name],
    authorization: () => [],
  });
}

/** What the service's clock always shows. */
export const NOON = Date.parse('2030-01-01T12:00:00Z');

/** An hour of a coach and a client, over before noon. */
export const SLOT = {
  coachHashId: 'carol',
  clientHashId: 'chris',
  start: timestampFromMs(Date.parse('2030-01-01T09:00:00Z')),
  duration: 60,
};

/** A series of three sessions to come. */
export const SERIES = {
  coachHashId: 'carol',
  clientHashId: 'chris',
  localStart: '2030-03-18T09:30',
  timeZone: 'Europe/Zurich',
  duration: 60,
  recurrence: 'FREQ=WEEKLY;COUNT=3',
};

/** A well-formed id that nothing has. */
export const UNKNOWN_ID = '0190a5b0-0000-7000-8000-000000000000';

/** The error of a call. Throws when the call succeeds, or fails with anything but a `ConnectError`. */
export async function errorOf(call: Promise<unknown>): Promise<ConnectError> {
  const error = await call.then(
    () => new Error('the call succeeded'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ConnectError) return error;
  throw error;
}

/**
 * The violations that a call is refused for. None: it succeeded, or was refused for another reason, such as NOT_FOUND.
 */
export async function violationsOf(call: Promise<unknown>): Promise<Violation[]> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) return [];
  if (!(error instanceof ConnectError) || error.code === Code.Internal) throw error;
  if (error.code !== Code.InvalidArgument) return [];
  const violations = detailOf(error, BadRequestSchema)?.fieldViolations ?? [];
  if (violations.length === 0) throw error;
  return violations.map(({ field, description }) => ({ field, description }));
}
