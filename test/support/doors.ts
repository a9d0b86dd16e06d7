import {
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Message,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { base64Decode } from '@bufbuild/protobuf/wire';
import { Code, ConnectError, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { AvailabilityService } from '../../src/gen/aceup/scheduler/v1/availability_service_pb.js';
import { CalendarService } from '../../src/gen/aceup/scheduler/v1/calendar_service_pb.js';
import { ConflictsSchema } from '../../src/gen/aceup/scheduler/v1/series_pb.js';
import { SessionService } from '../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { type Obstacle, ObstacleSchema, ObstaclesSchema } from '../../src/gen/aceup/scheduler/v1/slot_pb.js';
import { WebhookService } from '../../src/gen/aceup/scheduler/v1/webhook_service_pb.js';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '../../src/gen/google/rpc/error_details_pb.js';
import { StatusSchema } from '../../src/gen/google/rpc/status_pb.js';
import { eventsOf, firstMessage, streamOf } from './stream-doors.js';

/** What a door answered, in words that are the same for all doors. */
export interface Answer {
  readonly code: 'OK' | keyof typeof Code;
  /** The response in proto names, without fields that have their default value. */
  readonly response?: JsonValue;
  readonly reason?: string;
  readonly interval?: Readonly<Record<string, string>>;
  /** The occurrences of a series that cannot be booked, and why. */
  readonly conflicts?: readonly (readonly [number, string])[];
  /** Everything in the way of a time that a policy does not allow, in proto names. */
  readonly obstacles?: readonly JsonValue[];
  /** Broken rules: field and description. */
  readonly violations: readonly (readonly [string, string])[];
  /** Whether the answer says when to try again. */
  readonly retry: boolean;
}

/** A method of which a door can be asked. */
export type DoorMethod = DescMethodUnary | DescMethodServerStreaming;

/** One way into the service, for requests as JSON in proto names. */
export interface Door {
  readonly name: string;
  /** Whether JSON reaches the service as it is: then wrong types and unknown fields do too. */
  readonly takesJson: boolean;
  /** Of a stream, the first message is the answer. */
  call(method: DoorMethod, request: JsonObject): Promise<Answer>;
  close(): void;
}

export const {
  scheduleSession,
  rescheduleSession,
  cancelSession,
  completeSession,
  markNoShow,
  correctOutcome,
  scheduleSeries,
  rescheduleSeries,
  cancelSeries,
  getSeries,
  listSeries,
  holdSlot,
  confirmHold,
  releaseHold,
  getHold,
  listHolds,
  getSession,
  listSessions,
  getSessionHistory,
  watchSessions,
} = SessionService.method;

export const {
  setAvailability,
  deleteAvailability,
  getAvailability,
  addTimeOff,
  removeTimeOff,
  getTimeOff,
  listTimeOff,
  syncTimeOff,
  setBookingPolicy,
  deleteBookingPolicy,
  getBookingPolicy,
  findSlots,
  findSlotsOfCoaches,
  explainSlot,
  simulatePolicy,
} = AvailabilityService.method;

export const {
  createWebhook,
  getWebhook,
  listWebhooks,
  updateWebhook,
  deleteWebhook,
  testWebhook,
  pauseWebhook,
  resumeWebhook,
  replayWebhook,
  skipChange,
  rotateSecret,
  listDeliveries,
} = WebhookService.method;

export const {
  setCalendarSource,
  getCalendarSource,
  listCalendarSources,
  fetchCalendarSource,
  deleteCalendarSource,
  createCalendarLink,
  listCalendarLinks,
  revokeCalendarLink,
  getCalendar,
  getSessionCalendar,
} = CalendarService.method;

/** Headers that go with every request through a door. */
export type Headers = Readonly<Record<string, string>>;

/** Every door of a running service. */
export function doorsOf(
  { httpUrl, grpcAddress }: { httpUrl: string; grpcAddress: string },
  headers: Headers = {},
): Door[] {
  return [rest(httpUrl, headers), connectJson(httpUrl, headers), grpcWeb(httpUrl, headers), grpc(grpcAddress, headers)];
}

/** RFC 9457, with this service's members. */
interface Problem {
  readonly code: string;
  readonly reason?: string;
  readonly interval?: Readonly<Record<string, string>>;
  readonly conflicts?: readonly { readonly occurrence: number; readonly reason: string }[];
  readonly obstacles?: readonly JsonValue[];
  readonly errors?: readonly { readonly field: string; readonly description: string }[];
}

/** https://connectrpc.com/docs/protocol/#error-end-stream */
interface ConnectErrorBody {
  readonly code: string;
  readonly message?: string;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
}

const nothingToClose = () => {};

type Route = (request: JsonObject) => [string, RequestInit?];

const ROUTES = new Map<DoorMethod, Route>([
  [scheduleSession, post('/api/v1/sessions')],
  [rescheduleSession, post('/api/v1/sessions/{id}:reschedule')],
  [cancelSession, post('/api/v1/sessions/{id}:cancel')],
  [completeSession, post('/api/v1/sessions/{id}:complete')],
  [markNoShow, post('/api/v1/sessions/{id}:markNoShow')],
  [correctOutcome, post('/api/v1/sessions/{id}:correctOutcome')],
  [scheduleSeries, post('/api/v1/sessions:scheduleSeries')],
  [rescheduleSeries, post('/api/v1/series/{series_id}:reschedule')],
  [cancelSeries, post('/api/v1/series/{series_id}:cancel')],
  [getSeries, get('/api/v1/series/{series_id}')],
  [listSeries, get('/api/v1/series')],
  [holdSlot, post('/api/v1/holds')],
  [confirmHold, post('/api/v1/holds/{id}:confirm')],
  [releaseHold, post('/api/v1/holds/{id}:release')],
  [getHold, get('/api/v1/holds/{id}')],
  [listHolds, get('/api/v1/holds')],
  [getSession, get('/api/v1/sessions/{id}')],
  [listSessions, get('/api/v1/sessions')],
  [getSessionHistory, get('/api/v1/sessions/{id}/history')],
  [watchSessions, get('/api/v1/sessions:watch')],
  [setAvailability, withBody('PUT', '/api/v1/coaches/{coach_hash_id}/availability')],
  [deleteAvailability, withQuery('DELETE', '/api/v1/coaches/{coach_hash_id}/availability')],
  [getAvailability, get('/api/v1/coaches/{coach_hash_id}/availability')],
  [addTimeOff, post('/api/v1/coaches/{coach_hash_id}/timeOff')],
  [removeTimeOff, withQuery('DELETE', '/api/v1/coaches/{coach_hash_id}/timeOff/{id}')],
  [getTimeOff, get('/api/v1/coaches/{coach_hash_id}/timeOff/{id}')],
  [listTimeOff, get('/api/v1/coaches/{coach_hash_id}/timeOff')],
  [syncTimeOff, post('/api/v1/coaches/{coach_hash_id}/timeOff:sync')],
  [setBookingPolicy, withBody('PUT', '/api/v1/coaches/{coach_hash_id}/bookingPolicy')],
  [deleteBookingPolicy, withQuery('DELETE', '/api/v1/coaches/{coach_hash_id}/bookingPolicy')],
  [getBookingPolicy, get('/api/v1/coaches/{coach_hash_id}/bookingPolicy')],
  [findSlots, get('/api/v1/coaches/{coach_hash_id}/slots')],
  [findSlotsOfCoaches, post('/api/v1/slots:find')],
  [explainSlot, get('/api/v1/coaches/{coach_hash_id}/slots:explain')],
  [simulatePolicy, post('/api/v1/coaches/{coach_hash_id}/slots:simulate')],
  [createWebhook, post('/api/v1/webhooks')],
  [getWebhook, get('/api/v1/webhooks/{id}')],
  [listWebhooks, get('/api/v1/webhooks')],
  [updateWebhook, withBody('PUT', '/api/v1/webhooks/{id}')],
  [deleteWebhook, withQuery('DELETE', '/api/v1/webhooks/{id}')],
  [testWebhook, post('/api/v1/webhooks/{id}:test')],
  [pauseWebhook, post('/api/v1/webhooks/{id}:pause')],
  [resumeWebhook, post('/api/v1/webhooks/{id}:resume')],
  [replayWebhook, post('/api/v1/webhooks/{id}:replay')],
  [skipChange, post('/api/v1/webhooks/{id}:skip')],
  [rotateSecret, post('/api/v1/webhooks/{id}:rotateSecret')],
  [listDeliveries, get('/api/v1/webhooks/{id}/deliveries')],
  [setCalendarSource, withBody('PUT', '/api/v1/coaches/{coach_hash_id}/calendarSources/{source}')],
  [getCalendarSource, get('/api/v1/coaches/{coach_hash_id}/calendarSources/{source}')],
  [listCalendarSources, get('/api/v1/coaches/{coach_hash_id}/calendarSources')],
  [fetchCalendarSource, post('/api/v1/coaches/{coach_hash_id}/calendarSources/{source}:fetch')],
  [deleteCalendarSource, withQuery('DELETE', '/api/v1/coaches/{coach_hash_id}/calendarSources/{source}')],
  [createCalendarLink, ofEither(post, 'calendarLinks')],
  [listCalendarLinks, ofEither(get, 'calendarLinks')],
  [revokeCalendarLink, ofEither((path) => withQuery('DELETE', path), 'calendarLinks/{id}')],
  [getCalendar, ofEither(get, 'calendar.ics')],
  [getSessionCalendar, get('/api/v1/sessions/{id}.ics')],
]);

function withBody(method: string, template: string): Route {
  return (request) => {
    const [path, body] = filled(template, request);
    return [path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }];
  };
}

function withQuery(method: string, template: string): Route {
  return (request) => {
    const [path, query] = filled(template, request);
    return [`${path}?${asQuery(query)}`, { method }];
  };
}

function post(template: string): Route {
  return withBody('POST', template);
}

function get(template: string): Route {
  return withQuery('GET', template);
}

/** A route below the coach, or below the client, whichever the request names. */
function ofEither(route: (template: string) => Route, rest: string): Route {
  const ofCoach = route(`/api/v1/coaches/{coach_hash_id}/${rest}`);
  const ofClient = route(`/api/v1/clients/{client_hash_id}/${rest}`);
  return (request) => ('client_hash_id' in request && !('coach_hash_id' in request) ? ofClient : ofCoach)(request);
}

/** The path with the fields of the request that it names, and the rest of the request. */
function filled(template: string, request: JsonObject): [string, JsonObject] {
  const rest = { ...request };
  const path = template.replaceAll(/\{(\w+)\}/g, (_, field: string) => {
    delete rest[field];
    return encodeURIComponent(String(request[field]));
  });
  return [path, rest];
}

function asQuery(query: JsonObject): string {
  const parameters = Object.entries(query).flatMap(([name, value]) => {
    return [value].flat().map((one): [string, string] => [name, String(one)]);
  });
  return new URLSearchParams(parameters).toString();
}

function rest(httpUrl: string, headers: Headers): Door {
  return {
    name: 'REST',
    takesJson: true,
    close: nothingToClose,
    async call(method, request) {
      const [path, init] = ROUTES.get(method)?.(request) ?? [''];
      const answered = await fetch(httpUrl + path, { ...init, headers: { ...init?.headers, ...headers } });
      if (answered.ok && isStream(method)) return accepted(method, await firstEvent(method, answered));
      if (answered.ok && isDocument(answered))
        return accepted(method, fromJson(method.output, await documentIn(answered)));
      const body = (await answered.json()) as JsonObject;
      if (answered.ok) return accepted(method, fromJson(method.output, body));
      const { code, reason, interval, conflicts, obstacles, errors = [] } = body as unknown as Problem;
      return {
        code: codeNamed(code),
        ...(reason && { reason }),
        ...(interval && { interval }),
        ...(conflicts && { conflicts: conflicts.map((one) => [one.occurrence, one.reason] as const) }),
        ...(obstacles && { obstacles: obstacles.map((one) => obstacleOf(fromJson(ObstacleSchema, one))) }),
        violations: errors.map(({ field, description }) => [field, description]),
        retry: answered.headers.has('retry-after'),
      };
    },
  };
}

/** Whether REST answered a document, and not JSON. */
function isDocument({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/calendar') ?? false;
}

/** The answer of which the document is a field. */
async function documentIn(answered: Response): Promise<JsonObject> {
  const calendar = Buffer.from(await answered.arrayBuffer()).toString();
  const [, method] = /; method=(\w+)/.exec(answered.headers.get('content-type') ?? '') ?? [];
  const etag = (answered.headers.get('etag') ?? '').replaceAll(/^W\/|"/g, '');
  return { calendar, etag, ...(method && { method }) };
}

function connectJson(httpUrl: string, headers: Headers): Door {
  return {
    name: 'Connect JSON',
    takesJson: true,
    close: nothingToClose,
    async call(method, request) {
      if (isStream(method)) return firstAnswer(createConnectTransport({ baseUrl: httpUrl }), method, request, headers);
      const answered = await fetch(`${httpUrl}/${method.parent.typeName}/${method.name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(request),
      });
      const body = (await answered.json()) as JsonObject;
      if (answered.ok) return accepted(method, fromJson(method.output, body));
      const { code, message = '', details = [] } = body as unknown as ConnectErrorBody;
      const decoded = details.map(({ type, value }) => ({ type, value: base64Decode(value) }));
      return refusal(errorWith(Code[codeNamed(code)], message, decoded));
    },
  };
}

function grpcWeb(httpUrl: string, headers: Headers): Door {
  const transport = createGrpcWebTransport({ baseUrl: httpUrl });
  return {
    name: 'gRPC-Web',
    takesJson: false,
    close: nothingToClose,
    async call(method, request) {
      if (isStream(method)) return firstAnswer(transport, method, request, headers);
      try {
        const message = fromJson(method.input, request);
        const { message: response } = await transport.unary(method, undefined, undefined, headers, message);
        return accepted(method, response);
      } catch (error) {
        return refusal(ConnectError.from(error));
      }
    },
  };
}

function grpc(address: string, headers: Headers): Door {
  const client = new Client(address, credentials.createInsecure());
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return {
    name: 'gRPC',
    takesJson: false,
    close: () => client.close(),
    call: (method, request) =>
      new Promise((resolve) => {
        const path = `/${method.parent.typeName}/${method.name}`;
        const encode = (message: Message) => Buffer.from(toBinary(method.input, message));
        const decode = (bytes: Buffer): Message => fromBinary(method.output, bytes);
        const message = fromJson(method.input, request);
        if (isStream(method)) {
          const stream = client.makeServerStreamRequest(path, encode, decode, message, metadata);
          stream.once('data', (response: Message) => {
            resolve(accepted(method, response));
            stream.cancel();
          });
          stream.on('error', (error: ServiceError) => resolve(refusal(fromGrpc(error))));
          return;
        }
        client.makeUnaryRequest(path, encode, decode, message, metadata, (error, response) =>
          resolve(error ? refusal(fromGrpc(error)) : accepted(method, response as Message)),
        );
      }),
  };
}

function isStream(method: DoorMethod): method is DescMethodServerStreaming {
  return method.methodKind === 'server_streaming';
}

/** The message of the first server-sent event, without what the event has for its data. */
async function firstEvent(method: DescMethodServerStreaming, answered: Response): Promise<Message> {
  const events = eventsOf(answered);
  const { value } = await events.next();
  await events.return(undefined);
  return fromJson(method.output, { position: value?.id ?? '0' });
}

async function firstAnswer(
  transport: Transport,
  method: DescMethodServerStreaming,
  request: JsonObject,
  headers: Headers,
): Promise<Answer> {
  try {
    const message = await firstMessage((signal) => streamOf(transport, method, request, { headers, signal }));
    return accepted(method, message);
  } catch (error) {
    return refusal(ConnectError.from(error));
  }
}

function fromGrpc({ code, details: message, metadata }: ServiceError): ConnectError {
  const [bytes] = metadata.get('grpc-status-details-bin');
  const packed = bytes instanceof Buffer ? fromBinary(StatusSchema, bytes).details : [];
  const details = packed.map(({ typeUrl, value }) => ({ type: typeUrl.slice(typeUrl.lastIndexOf('/') + 1), value }));
  return errorWith(code as number as Code, message, details);
}

function errorWith(code: Code, message: string, details: { type: string; value: Uint8Array }[]): ConnectError {
  const error = new ConnectError(message, code);
  error.details = details;
  return error;
}

function accepted(method: DoorMethod, response: Message): Answer {
  const json = toJson(method.output, response, { useProtoFieldName: true });
  return { code: 'OK', response: json, violations: [], retry: false };
}

function refusal(error: ConnectError): Answer {
  const [info] = error.findDetails(ErrorInfoSchema);
  const [detail] = error.findDetails(ConflictsSchema);
  const [inTheWay] = error.findDetails(ObstaclesSchema);
  const violations = error.findDetails(BadRequestSchema).flatMap(({ fieldViolations }) => fieldViolations);
  return {
    code: Code[error.code] as Answer['code'],
    ...(info && { reason: info.reason }),
    ...(info?.metadata['start'] && { interval: info.metadata }),
    ...(detail && { conflicts: detail.conflicts.map(({ occurrence, reason }) => [occurrence, reason] as const) }),
    ...(inTheWay && { obstacles: inTheWay.obstacles.map(obstacleOf) }),
    violations: violations.map(({ field, description }) => [field, description] as const),
    retry: error.findDetails(RetryInfoSchema).length > 0,
  };
}

function obstacleOf(obstacle: Obstacle): JsonValue {
  return toJson(ObstacleSchema, obstacle, { useProtoFieldName: true });
}

/** `ALREADY_EXISTS` as connect's `AlreadyExists`. */
function codeNamed(name: string): keyof typeof Code {
  const wanted = name.replaceAll('_', '').toLowerCase();
  const found = Object.keys(Code).find((code) => code.toLowerCase() === wanted);
  if (!found) throw new Error(`there is no code ${name}`);
  return found as keyof typeof Code;
}
