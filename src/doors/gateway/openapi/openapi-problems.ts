import { type DescMethod, getOption, type JsonObject } from '@bufbuild/protobuf';
import { Code } from '@connectrpc/connect';
import {
  ErrorReasonSchema,
  errors,
  type PossibleError,
  shared_errors,
} from '../../../gen/aceup/scheduler/v1/errors_pb.js';
import { invalidArgument, type Violation } from '../../../handlers/answer/errors.js';
import { asDetail, exampleOfCode, exampleOfReason } from '../../../handlers/answer/example-errors.js';
import { httpError, nameOf, PROBLEM_TYPE, type Problem, problemOf } from '../http/problem.js';
import { passesOverUnknown } from '../rest/rest-query.js';
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
    reason: { $ref: '#/components/schemas/ErrorReason' },
    interval: {
      type: 'object',
      description: 'The time in the way, from start (inclusive) to end (exclusive).',
      required: ['start', 'end'],
      properties: { start: { type: 'string', format: 'date-time' }, end: { type: 'string', format: 'date-time' } },
    },
    conflicts: {
      type: 'array',
      description: 'The occurrences of a series that cannot be booked.',
      items: { $ref: '#/components/schemas/Conflict' },
    },
    obstacles: {
      type: 'array',
      description: 'With AGAINST_POLICY: every rule in the way.',
      items: { $ref: '#/components/schemas/Obstacle' },
    },
    errors: {
      type: 'array',
      description: 'The fields at fault.',
      items: {
        type: 'object',
        required: ['field', 'description'],
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
function possibleErrors(method: DescMethod): PossibleError[] {
  const { anyMethod, anyCommand } = getOption(method.parent, shared_errors);
  const isCommand = method.input.fields.some(({ name }) => name === 'request_id');
  return [...getOption(method, errors), ...anyMethod, ...(isCommand ? anyCommand : [])];
}

/** One error of a method: what it means, and how it is answered. */
interface Documented {
  /** Its reason, or its code. Unique within a status. */
  readonly name: string;
  readonly text: string;
  readonly problem: Problem;
}

/** The id of the request in the examples of errors. */
const CORRELATION_ID = '6f1f2c1e-6d0b-4d55-9c1f-0d8a8f5f4c11';

/** What a method answers to a parameter that it does not know; one that passes over it, to two values of a field. */
function violationOf(method: DescMethod): Violation {
  if (passesOverUnknown(method)) return { field: 'key', description: 'is given more than once' };
  return { field: 'colour', description: 'is an unknown query parameter' };
}

/**
 * The error responses of a method, by status. Each has a paragraph and an example for every error, or for every reason
 * of an error.
 * @param hasBody whether the method takes a body, which may be too large or of another type
 */
export function problemResponses(method: DescMethod, comments: ProtoComments, hasBody: boolean): JsonObject {
  const errors = possibleErrors(method).flatMap((error) => documented(error, method, comments));
  if (hasBody) {
    errors.push(ofHttp(413, 'RESOURCE_EXHAUSTED', 'The body is too large.'));
    errors.push(ofHttp(415, 'UNIMPLEMENTED', 'The content type of the body is not JSON.'));
  }
  const byStatus = new Map<number, Documented[]>();
  for (const error of errors) {
    const { status } = error.problem;
    byStatus.set(status, [...(byStatus.get(status) ?? []), error]);
  }
  return Object.fromEntries([...byStatus].map(([status, ofStatus]) => [status, response(status, ofStatus)]));
}

function documented(
  { code: number, reasons, when }: PossibleError,
  method: DescMethod,
  comments: ProtoComments,
): Documented[] {
  // The numbers of google.rpc.Code and of Connect are the same: those of gRPC.
  const code = number as number as Code;
  const name = nameOf(code);
  if (reasons.length === 0) {
    const error = code === Code.InvalidArgument ? invalidArgument(violationOf(method)) : exampleOfCode(code, when);
    return [{ name, text: `${name}: ${when}`, problem: problemOf(error, CORRELATION_ID) }];
  }
  return reasons.map((value) => {
    const reason = ErrorReasonSchema.value[value]?.name ?? '';
    const meaning = comments.get(`${ErrorReasonSchema.typeName}.${reason}`) ?? '';
    const text = `${name} with reason ${reason}: ${meaning}`;
    return { name: reason, text, problem: problemOf(exampleOfReason(reason), CORRELATION_ID) };
  });
}

function ofHttp(status: number, name: string, meaning: string): Documented {
  const problem = problemOf(httpError(status, asDetail(meaning)), CORRELATION_ID);
  return { name, text: `${name}: ${meaning}`, problem };
}

const RETRY_HEADERS = {
  'Retry-After': { description: 'Seconds to wait before the next try.', schema: { type: 'integer' } },
};

const RATE_LIMIT_HEADERS = {
  'RateLimit-Policy': {
    description: 'With RATE_LIMITED: the limit that the caller has reached, as a quota and the seconds of its window.',
    schema: { type: 'string', examples: ['"reads";q=600;w=60'] },
  },
  RateLimit: {
    description: 'With RATE_LIMITED: what is left of the quota, and the seconds until it begins anew.',
    schema: { type: 'string', examples: ['"reads";r=0;t=12'] },
  },
};

function response(status: number, errors: readonly Documented[]): JsonObject {
  const examples = errors.map(({ name, problem }) => [name, { value: problem as unknown as JsonObject }]);
  return {
    description: errors.map(({ text }) => text).join('\n\n'),
    ...(status === 503 && { headers: RETRY_HEADERS }),
    ...(status === 429 && { headers: { ...RETRY_HEADERS, ...RATE_LIMIT_HEADERS } }),
    content: {
      [PROBLEM_TYPE]: {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(examples),
      },
    },
  };
}
