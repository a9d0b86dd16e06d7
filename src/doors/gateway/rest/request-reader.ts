import { type DescField, getOption, type Message, ScalarType } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import type { FastifyRequest } from 'fastify';
import { rest } from '../../../gen/aceup/scheduler/v1/rest_pb.js';
import { invalidArgument, type Violation } from '../../../handlers/answer/errors.js';
import { isObject } from '../../../json/request-fields.js';
import { messageFromJson, parseJson } from '../json/read-message.js';
import { documentFinder, documentTaken, routeOfDocument } from './documents.js';
import { type FieldPath, resolveFieldPath, textOf } from './field-path.js';
import { fieldsIn } from './path-template.js';
import { passesOverUnknown, queryFieldFinder, queryValue } from './rest-query.js';
import { parameterName, type RestRoute } from './rest-routes.js';

/** The header that fills a command's `request_id`. */
export const IDEMPOTENCY_KEY_HEADER = 'idempotency-key';

/** The header in which a browser that lost a stream sends the id of the last event that it got. */
export const LAST_EVENT_ID_HEADER = 'last-event-id';

/** Puts a request into the message of its route. The etags are those of `If-Match`. */
export type ReadRequest = (request: FastifyRequest, etags?: readonly string[]) => Message;

export type JsonFields = Record<string, unknown>;

/**
 * Makes the function that turns a request on the route into its message. The path, the query, the headers
 * `Idempotency-Key` and `Last-Event-ID` and the only etag of `If-Match` are put into the JSON of the body, and the whole
 * is checked. A document in place of JSON goes into its field, with the charset of its content type. The function throws
 * INVALID_ARGUMENT with everything that is wrong with the request.
 */
export function requestReader(route: RestRoute): ReadRequest {
  const { input } = route.endpoint.method;
  const documentIn = documentFinder(route.endpoint.method);
  const document = documentTaken(route.endpoint.method);
  const pathFields = fieldsIn(route.template).map((path, index) => ({ path, parameter: parameterName(index) }));
  const fieldWithJson = queryFieldFinder(route);
  const fieldWithDocument = queryFieldFinder(routeOfDocument(route) ?? route);
  const mayHaveOthers = passesOverUnknown(route.endpoint.method);
  const requestId = resolveFieldPath(input, 'request_id');
  const etag = resolveFieldPath(input, 'etag');
  const lastEventId = resolveFieldPath(input, getOption(route.endpoint.method, rest).events?.lastEventId ?? '');

  return (request, etags) => {
    const given = documentIn(request);
    const body = request.body as Uint8Array | undefined;
    const json = given ? {} : bodyJson(route, body);
    const fieldOf = given ? fieldWithDocument : fieldWithJson;
    const broken: Violation[] = [];
    if (isObject(json)) {
      const params = request.params as Record<string, string>;
      for (const { path, parameter } of pathFields) {
        if (!put(json, path, params[parameter])) broken.push(conflict(path, 'the path'));
      }
      const seen = request.headers[LAST_EVENT_ID_HEADER];
      for (const [name, given] of Object.entries(request.query as Record<string, string | string[]>)) {
        const field = fieldOf(name);
        if (!field && mayHaveOthers) continue;
        // A browser that connects again asks for the URL of the first time.
        if (seen && lastEventId && field && textOf(field) === textOf(lastEventId)) continue;
        const violation = putQuery(json, name, field, given);
        if (violation) broken.push(violation);
      }
      if (seen && lastEventId) put(json, lastEventId, seen);
      const key = request.headers[IDEMPOTENCY_KEY_HEADER];
      if (requestId && key && !put(json, requestId, key)) {
        broken.push(conflict(requestId, 'the header Idempotency-Key'));
      }
      if (given && document) {
        // Bytes in JSON are base64, which nobody has to read here: an empty text holds the place.
        put(json, document.field, '');
        if (document.charset && given.charset && !put(json, document.charset, given.charset)) {
          broken.push(conflict(document.charset, 'the content type'));
        }
      }
      if (etag && etags && !isAmong(etags, json, etag)) broken.push(conflict(etag, 'the header If-Match'));
    }
    const message = messageFromJson(input, json, broken);
    if (given && document) Object.assign(message, { [document.field[0]!.localName]: given.bytes });
    return message;
  };
}

/** The caller may have said there what it does not want to happen, such as with `validate_only`. */
const NO_BODY = 'the request takes no body: give its fields as query parameters';

function bodyJson({ body }: RestRoute, bytes: Uint8Array | undefined): unknown {
  // Neither a body nor a content type: there is nothing to say, as in `curl -X POST …/sessions/1:cancel`.
  if (!bytes) return {};
  if (!body && bytes.length > 0) throw invalidArgument({ field: '', description: NO_BODY });
  if (!body) return {};
  return body === '*' ? parseJson(bytes) : { [body.name]: parseJson(bytes) };
}

function putQuery(
  json: JsonFields,
  name: string,
  path: FieldPath | undefined,
  given: string | string[],
): Violation | undefined {
  if (!path) return { field: name, description: 'is an unknown query parameter' };
  const isList = path.at(-1)?.fieldKind === 'list';
  if (!isList && Array.isArray(given)) return { field: textOf(path), description: 'is given more than once' };
  const value = isList ? [given].flat().map((one) => queryValue(path, one)) : queryValue(path, given as string);
  return put(json, path, value) ? undefined : conflict(path, 'the query');
}

/**
 * Sets a field, and makes the messages on the way to it. False when the field already has another value. A field that is
 * written out with its default is absent, as everywhere in proto3.
 */
export function put(json: JsonFields, path: FieldPath, value: unknown, at = 0): boolean {
  const field = path[at] as FieldPath[number];
  const name = Object.hasOwn(json, field.jsonName) ? field.jsonName : field.name;
  const there = json[name] ?? undefined;
  if (at === path.length - 1) {
    if (there !== undefined && !isAbsent(field, there)) return String(there) === String(value);
    json[name] = value;
    return true;
  }
  const inside = there ?? {};
  json[name] = inside;
  // A value that should be an object and is not has the wrong type, which the check reports.
  return !isObject(inside) || put(inside, path, value, at + 1);
}

/** Whether a JSON value is the default of a field that does not tell its default from no value. */
function isAbsent(field: DescField, json: unknown): boolean {
  if (field.fieldKind === 'list') return Array.isArray(json) && json.length === 0;
  if (field.presence !== FeatureSet_FieldPresence.IMPLICIT) return false;
  if (field.enum) return json === 0 || json === field.enum.values[0]?.name;
  if (field.scalar === ScalarType.STRING || field.scalar === ScalarType.BYTES) return json === '';
  if (field.scalar === ScalarType.BOOL) return json === false;
  return json === 0 || json === '0';
}

/** Whether the body has no etag, or one of these. The only one is put into the body. */
function isAmong(etags: readonly string[], json: JsonFields, etag: FieldPath): boolean {
  const [only] = etags;
  if (etags.length === 1 && only) return put(json, etag, only);
  const given = json['etag'] ?? '';
  return given === '' || etags.includes(String(given));
}

function conflict(path: FieldPath, source: string): Violation {
  return { field: textOf(path), description: `has another value in ${source}` };
}
