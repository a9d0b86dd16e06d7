import { type DescMethodUnary, getOption, type JsonObject } from '@bufbuild/protobuf';
import { Code } from '@connectrpc/connect';
import {
  ErrorReasonSchema,
  errors,
  type PossibleError,
  shared_errors,
} from '../../../gen/aceup/scheduler/v1/errors_pb.js';
import { nameOf, PROBLEM_TYPE, statusOf } from '../http/problem.js';
import type { ProtoComments } from './proto-comments.js';

const CODES = Object.values(Code).filter((code) => typeof code === 'number');

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
    code: { type: 'string', enum: CODES.map(nameOf), description: 'The status code of gRPC.' },
    reason: text('The reason, for programs, such as `COACH_OVERLAP`.'),
    interval: {
      type: 'object',
      description: 'The time in the way, from start (inclusive) to end (exclusive).',
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
        properties: {
          field: text('Its path, such as `session.start`.'),
          description: text('The rule that it breaks.'),
        },
      },
    },
    correlation_id: text('The id of the request in the logs of the service.'),
  },
};

/** The errors that a method can answer, by its options: its own first, then those that its service shares. */
function possibleErrors(method: DescMethodUnary): PossibleError[] {
  const { anyMethod, anyCommand } = getOption(method.parent, shared_errors);
  const isCommand = method.input.fields.some(({ name }) => name === 'request_id');
  return [...getOption(method, errors), ...anyMethod, ...(isCommand ? anyCommand : [])];
}

/**
 * The error responses of a method, by status. Each has a paragraph for every error, or for every reason of an error.
 * @param hasBody whether the method takes a body, which may be too large or of another type
 */
export function problemResponses(method: DescMethodUnary, comments: ProtoComments, hasBody: boolean): JsonObject {
  const paragraphs = new Map<number, string[]>();
  const add = (status: number, text: string) => paragraphs.set(status, [...(paragraphs.get(status) ?? []), text]);
  for (const { code: number, reasons, when } of possibleErrors(method)) {
    // The numbers of google.rpc.Code and of Connect are the same: those of gRPC.
    const code = number as number as Code;
    if (reasons.length === 0) add(statusOf(code), `${nameOf(code)}: ${when}`);
    for (const reason of reasons.map((value) => ErrorReasonSchema.value[value]?.name ?? '')) {
      const meaning = comments.get(`${ErrorReasonSchema.typeName}.${reason}`) ?? '';
      add(statusOf(code, reason), `${nameOf(code)} with reason ${reason}: ${meaning}`);
    }
  }
  if (hasBody) {
    add(413, 'RESOURCE_EXHAUSTED: The body is too large.');
    add(415, 'UNIMPLEMENTED: The content type of the body is not JSON.');
  }
  return Object.fromEntries([...paragraphs].map(([status, texts]) => [status, response(status, texts.join('\n\n'))]));
}

function response(status: number, description: string): JsonObject {
  const seconds = { description: 'Seconds to wait before the next try.', schema: { type: 'integer' } };
  return {
    description,
    ...((status === 503 || status === 429) && { headers: { 'Retry-After': seconds } }),
    content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}
