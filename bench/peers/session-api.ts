/**
 * What the HTTP peers have in common, so that they differ in how they keep sessions and in nothing else: the same JSON
 * in and out as the service, checked as strictly, a log line for each request, and problems for errors.
 */
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply } from 'fastify';
import pino from 'pino';
import { v7 as uuidv7 } from 'uuid';

/** What the peers keep of a session, as the answers have it. */
export interface SessionJson {
  readonly id: string;
  readonly coach_hash_id: string;
  readonly client_hash_id: string;
  readonly start: string;
  readonly duration: number;
  readonly state: 'SESSION_STATE_SCHEDULED';
  readonly created_at: string;
  readonly updated_at: string;
}

/** The rest of an answer, for a session that belongs to no series and was never changed. */
export const REST_OF_ANSWER = {
  etag: '0',
  series_id: '',
  occurrence: 0,
  cancelled_by: 'PARTY_UNSPECIFIED',
  absent: 'PARTY_UNSPECIFIED',
  reason: '',
};

/** A whole answer. */
export type AnswerJson = SessionJson & typeof REST_OF_ANSWER;

/** What a caller asks to book. */
export type WantedSession = Pick<SessionJson, 'coach_hash_id' | 'client_hash_id' | 'start' | 'duration'>;

/** The time asked for is taken, by the interval given. Answered 409. */
export class Taken extends Error {
  constructor(readonly interval: { readonly start: string; readonly end: string } | undefined) {
    super('the coach or the client has a session at that time');
  }
}

/** Conflicts with other requests came too often. Answered 503. */
export class TooBusy extends Error {}

const HASH_ID = { type: 'string', pattern: '^[A-Za-z0-9._~:@|=+/-]{1,128}$' };
const SESSION = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    coach_hash_id: { type: 'string' },
    client_hash_id: { type: 'string' },
    start: { type: 'string' },
    duration: { type: 'integer' },
    state: { type: 'string' },
    created_at: { type: 'string' },
    updated_at: { type: 'string' },
    etag: { type: 'string' },
    series_id: { type: 'string' },
    occurrence: { type: 'integer' },
    cancelled_by: { type: 'string' },
    absent: { type: 'string' },
    reason: { type: 'string' },
  },
};

const BOOKING = {
  body: {
    type: 'object',
    required: ['session'],
    additionalProperties: false,
    properties: {
      session: {
        type: 'object',
        required: ['coach_hash_id', 'client_hash_id', 'start', 'duration'],
        additionalProperties: false,
        properties: {
          coach_hash_id: HASH_ID,
          client_hash_id: HASH_ID,
          start: { type: 'string', format: 'date-time' },
          duration: { type: 'integer', minimum: 1, maximum: 1440 },
        },
      },
      request_id: { type: 'string', pattern: '^[\\x21-\\x7e]{0,128}$' },
    },
  },
  response: { 201: { type: 'object', properties: { session: SESSION, consistency_token: { type: 'string' } } } },
};

const GETTING = {
  params: { type: 'object', properties: { id: { type: 'string', format: 'uuid' } } },
  response: { 200: { type: 'object', properties: { session: SESSION } } },
};

const LISTING = {
  querystring: {
    type: 'object',
    required: ['coach_hash_id'],
    additionalProperties: false,
    properties: { coach_hash_id: HASH_ID, page_size: { type: 'integer', minimum: 1, maximum: 1000, default: 100 } },
  },
  response: {
    200: {
      type: 'object',
      properties: { sessions: { type: 'array', items: SESSION }, next_page_token: { type: 'string' } },
    },
  },
};

/** The session that a booking makes, with a new id. */
function newSession(wanted: WantedSession): SessionJson {
  const now = new Date().toISOString();
  return { id: uuidv7(), ...wanted, state: 'SESSION_STATE_SCHEDULED', created_at: now, updated_at: now };
}

/** When a session ends. */
export function endOf({ start, duration }: WantedSession): Date {
  return new Date(Date.parse(start) + duration * 60_000);
}

/** A Fastify with the log, the hooks and the errors that all peers have. */
export function createApp(): FastifyInstance {
  const log = pino({ base: null }, pino.destination({ dest: 1, sync: false }));
  const app = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    disableRequestLogging: true,
    bodyLimit: 256 * 1024,
    genReqId: ({ headers }) => headers['x-correlation-id']?.toString() ?? uuidv7(),
  });
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-correlation-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    request.log.info({ status: reply.statusCode, ms: reply.elapsedTime, url: request.url }, 'answered');
    done();
  });
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (error instanceof Taken) return problem(reply, 409, error.message, { interval: error.interval });
    if (error instanceof TooBusy) return problem(reply.header('retry-after', '1'), 503, error.message);
    const status = error.statusCode ?? 500;
    if (status >= 500) request.log.error({ err: error }, 'failed');
    return problem(reply, status, status < 500 ? error.message : 'internal error');
  });
  return app;
}

/** Serves bookings. */
export function serveBooking(app: FastifyInstance, book: (session: SessionJson) => Promise<void>): void {
  app.post<{ Body: { session: WantedSession } }>('/api/v1/sessions', { schema: BOOKING }, async (request, reply) => {
    const session = newSession(request.body.session);
    await book(session);
    reply.code(201).header('location', `/api/v1/sessions/${session.id}`);
    return { session: { ...session, ...REST_OF_ANSWER }, consistency_token: '' };
  });
}

/** Serves reads. */
export function serveReads(
  app: FastifyInstance,
  get: (id: string) => Promise<AnswerJson | undefined>,
  list: (coachHashId: string, limit: number) => Promise<AnswerJson[]>,
): void {
  app.get<{ Params: { id: string } }>('/api/v1/sessions/:id', { schema: GETTING }, async (request, reply) => {
    const session = await get(request.params.id);
    return session ? { session } : problem(reply, 404, 'there is no such session');
  });
  app.get<{ Querystring: { coach_hash_id: string; page_size: number } }>(
    '/api/v1/sessions',
    { schema: LISTING },
    async ({ query }) => {
      const sessions = await list(query.coach_hash_id, query.page_size + 1);
      const next = sessions.length > query.page_size ? sessions[query.page_size - 1]! : undefined;
      return {
        sessions: sessions.slice(0, query.page_size),
        next_page_token: next ? Buffer.from(`${next.start} ${next.id}`).toString('base64url') : '',
      };
    },
  );
}

/** Listens at a free port and prints the address, as the harness expects. */
export async function listen(app: FastifyInstance): Promise<void> {
  // Killed by the signal, it would leave no profile.
  process.once('SIGTERM', () => process.exit());
  console.error(await app.listen({ host: '127.0.0.1', port: 0 }), 'ready');
}

function problem(reply: FastifyReply, status: number, detail: string, more: object = {}) {
  const body = { type: 'about:blank', status, detail, ...more, correlation_id: reply.request.id };
  return reply.code(status).header('content-type', 'application/problem+json').send(JSON.stringify(body));
}
