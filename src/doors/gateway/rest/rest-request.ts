import type { Message } from '@bufbuild/protobuf';
import type { FastifyRequest } from 'fastify';
import type { Violation } from '../../../handlers/answer/errors.js';
import { isObject } from '../json/json-check.js';
import { messageFromJson, parseJson } from '../json/read-message.js';
import { type FieldPath, resolveFieldPath, textOf } from './field-path.js';
import { fieldsIn } from './path-template.js';
import { queryField, queryValue } from './rest-query.js';
import { parameterName, type RestRoute } from './rest-routes.js';

/** The header that fills a command's `request_id`. */
export const IDEMPOTENCY_KEY_HEADER = 'idempotency-key';

/** The header that fills a command's `etag`: one etag in quotes, or `*` for whatever there is. */
export const IF_MATCH_HEADER = 'if-match';

/** RFC 9110, section 8.8.3, without weak ones and lists. */
const ETAG = /^"([\x21\x23-\x7e]*)"$/;

type JsonFields = Record<string, unknown>;

/**
 * Makes what turns a request on the route into its message. That throws INVALID_ARGUMENT with all that is wrong with
 * the request: its path, its query and the headers `Idempotency-Key` and `If-Match` are put into the JSON of its body,
 * and the whole is checked.
 */
export function requestReader(route: RestRoute): (request: FastifyRequest) => Message {
  const { input } = route.endpoint.method;
  const pathFields = fieldsIn(route.template);
  const requestId = resolveFieldPath(input, 'request_id');
  const etag = resolveFieldPath(input, 'etag');

  return (request) => {
    const json = bodyJson(route, request.body as Uint8Array | undefined);
    const broken: Violation[] = [];
    if (isObject(json)) {
      const params = request.params as Record<string, string>;
      pathFields.forEach((path, index) => {
        if (!put(json, path, params[parameterName(index)])) broken.push(conflict(path, 'the path'));
      });
      for (const [name, given] of Object.entries(request.query as Record<string, string | string[]>)) {
        const violation = putQuery(route, json, name, given);
        if (violation) broken.push(violation);
      }
      const key = request.headers[IDEMPOTENCY_KEY_HEADER];
      if (requestId && key && !put(json, requestId, key)) {
        broken.push(conflict(requestId, 'the header Idempotency-Key'));
      }
      const match = request.headers[IF_MATCH_HEADER];
      if (etag && match && match !== '*') {
        const [, given] = ETAG.exec(match) ?? [];
        if (!given) broken.push({ field: 'etag', description: 'the header If-Match must be one etag in quotes, or *' });
        else if (!put(json, etag, given)) broken.push(conflict(etag, 'the header If-Match'));
      }
    }
    return messageFromJson(input, json, broken);
  };
}

function bodyJson({ body }: RestRoute, bytes: Uint8Array | undefined): unknown {
  // A request without a body and a content type is one with nothing to say: `curl -X POST …/sessions/1:cancel`.
  if (!body || !bytes) return {};
  return body === '*' ? parseJson(bytes) : { [body.name]: parseJson(bytes) };
}

function putQuery(route: RestRoute, json: JsonFields, name: string, given: string | string[]): Violation | undefined {
  const path = queryField(route, name);
  if (!path) return { field: name, description: 'is an unknown query parameter' };
  const values = [given].flat().map((value) => queryValue(path, value));
  const isList = path.at(-1)?.fieldKind === 'list';
  if (!isList && values.length > 1) return { field: textOf(path), description: 'is given more than once' };
  return put(json, path, isList ? values : values[0]) ? undefined : conflict(path, 'the query');
}

/** Sets a field, and makes the messages on the way to it. False when the field is there with another value. */
function put(json: JsonFields, path: FieldPath, value: unknown): boolean {
  const [field, ...rest] = path as [FieldPath[number], ...FieldPath];
  const name = Object.hasOwn(json, field.jsonName) ? field.jsonName : field.name;
  const there = json[name] ?? undefined;
  if (rest.length === 0) {
    if (there !== undefined) return String(there) === String(value);
    json[name] = value;
    return true;
  }
  const inside = there ?? {};
  json[name] = inside;
  // Where the body has no object, its type is at fault, and the check will say so.
  return !isObject(inside) || put(inside, rest, value);
}

function conflict(path: FieldPath, source: string): Violation {
  return { field: textOf(path), description: `has another value in ${source}` };
}
