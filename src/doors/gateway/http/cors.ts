import { cors as connectCors } from '@connectrpc/connect';
import fastifyCors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import { ACTOR_HEADER } from '../../../handlers/request/submit-command.js';
import { CORRELATION_ID_HEADER } from '../../incoming-call.js';
import { printable } from '../../printable.js';
import { RATE_LIMIT_FIELDS } from '../../rate-limits/used-up.js';
import { IF_MATCH_HEADER, IF_NONE_MATCH_HEADER } from '../rest/conditional-requests.js';
import { IDEMPOTENCY_KEY_HEADER, LAST_EVENT_ID_HEADER } from '../rest/request-reader.js';
import type { RequestCheck } from './hosts.js';
import { httpError } from './problem.js';

/** W3C Trace Context, and what goes along with it. Pages that are traced send all three. */
const TRACE_HEADERS = ['traceparent', 'tracestate', 'baggage'];

/** For a proxy that routes by coach; see docs/operations.md. */
const COACH_HEADER = 'x-coach-hash-id';

const PREFLIGHT_MAX_AGE_SECONDS = 7200;

/**
 * Lets pages of these origins call the gateway, by any of its protocols.
 * @param origins as browsers send them: `https://app.example.com`; `*` for any. With none, browsers block pages of all
 * other origins
 */
export async function allowOrigins(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return;
  await app.register(fastifyCors, {
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: [
      ...connectCors.allowedHeaders,
      IDEMPOTENCY_KEY_HEADER,
      IF_MATCH_HEADER,
      IF_NONE_MATCH_HEADER,
      // An EventSource sends it unasked; a page that has a token to send fetches the stream itself.
      LAST_EVENT_ID_HEADER,
      ACTOR_HEADER,
      CORRELATION_ID_HEADER,
      'authorization',
      'content-encoding',
      ...TRACE_HEADERS,
      COACH_HEADER,
    ],
    exposedHeaders: [
      ...connectCors.exposedHeaders,
      'location',
      'etag',
      'retry-after',
      ...RATE_LIMIT_FIELDS,
      CORRELATION_ID_HEADER,
    ],
    maxAge: PREFLIGHT_MAX_AGE_SECONDS,
    strictPreflight: false,
  });
}

/** Methods that change nothing here. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Makes the check that refuses commands of pages of other origins with 403. Browsers ask before they send most of them,
 * and get no leave; one without a body they send unasked.
 * @param origins as of `allowOrigins`
 */
export function originCheck(origins: readonly string[]): RequestCheck {
  const allowed = new Set(origins);
  return ({ headers, method }) => {
    const { origin } = headers;
    if (origin === undefined || SAFE.has(method) || allowed.has(origin) || allowed.has('*')) return undefined;
    // Pages cannot set it. Behind a proxy that renames the host, the origin does not show that it is the same.
    if (headers['sec-fetch-site'] === 'same-origin') return undefined;
    const host = headers[':authority'] ?? headers.host;
    if (origin === `http://${host}` || origin === `https://${host}`) return undefined;
    return httpError(403, `pages of ${printable(origin)} may not send commands; CORS_ORIGINS lists those that may`);
  };
}
