import type { JsonObject } from '@bufbuild/protobuf';
import { Code } from '@connectrpc/connect';
import { nameOf, PROBLEM_TYPE, statusOf } from '../http/problem.js';

const CODES = new Map(
  Object.values(Code)
    .filter((code) => typeof code === 'number')
    .map((code) => [nameOf(code), code]),
);

/** Where a code is named. */
const BOUNDARY = new RegExp(`\\b(?=(?:${[...CODES.keys()].join('|')})\\b)`);

const text = (description: string): JsonObject => ({ type: 'string', description });

/** The schema of every error: see `Problem`. */
export const PROBLEM_SCHEMA: JsonObject = {
  type: 'object',
  description: 'What went wrong, by RFC 9457.',
  required: ['type', 'title', 'status', 'detail', 'code', 'correlation_id'],
  properties: {
    type: text('`about:blank`, or a URN for the reason.'),
    title: text('The kind of problem, in words.'),
    status: { type: 'integer', description: 'The HTTP status.' },
    detail: text('This problem, in words.'),
    code: { type: 'string', enum: [...CODES.keys()], description: 'The code that gRPC has for it.' },
    reason: text('The reason, for programs, such as `COACH_OVERLAP`.'),
    interval: {
      type: 'object',
      description: 'The time in the way, from start up to end.',
      properties: { start: { type: 'string', format: 'date-time' }, end: { type: 'string', format: 'date-time' } },
    },
    conflicts: {
      type: 'array',
      description: 'The occurrences of a series that cannot be booked.',
      items: { $ref: '#/components/schemas/Conflict' },
    },
    errors: {
      type: 'array',
      description: 'The fields at fault.',
      items: {
        type: 'object',
        properties: { field: text('Its path, such as `session.start`.'), description: text('The rule that it broke.') },
      },
    },
    correlation_id: text('Names the request in the logs of the service.'),
  },
};

/**
 * The error responses of a method, by status, from the codes that comments name: each is described by what follows it
 * there, up to the next one.
 * @param hasBody whether the method takes a body, which may be too large or of another type
 */
export function problemResponses(comments: readonly string[], hasBody: boolean): JsonObject {
  const told = new Map<number, string[]>();
  const tell = (status: number, words: string) => told.set(status, [...(told.get(status) ?? []), words]);
  for (const part of comments.flatMap((comment) => comment.split(BOUNDARY))) {
    const code = CODES.get(/^[A-Z_]+/.exec(part)?.[0] ?? '');
    const reason = /ErrorInfo ([A-Z_]+)/.exec(part)?.[1];
    if (code) tell(statusOf(code, reason), part.trim().replace(/(,|, and|,? or)$/, ''));
  }
  if (hasBody) {
    tell(413, 'RESOURCE_EXHAUSTED: the body is too large.');
    tell(415, 'UNIMPLEMENTED: the body is not JSON by its content type.');
  }
  return Object.fromEntries([...told].map(([status, words]) => [status, problemResponse(status, words.join('\n\n'))]));
}

function problemResponse(status: number, description: string): JsonObject {
  const seconds = { description: 'Seconds to wait before the next try.', schema: { type: 'integer' } };
  return {
    description,
    ...(status === 503 && { headers: { 'Retry-After': seconds } }),
    content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

/** The sentences of a comment before the one that tells of errors. */
export function withoutErrors(comment: string): string {
  const [description = ''] = comment.split(BOUNDARY, 1);
  return description.slice(0, description.lastIndexOf('.') + 1);
}
