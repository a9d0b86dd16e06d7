import { type DescMethod, getOption } from '@bufbuild/protobuf';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Document, rest } from '../../../gen/aceup/scheduler/v1/rest_pb.js';
import type { Answer } from '../../../handlers/call.js';
import { variesByEncoding } from '../http/compression.js';
import { type FieldPath, resolveFieldPath } from './field-path.js';
import { valueAt } from './preconditions.js';
import type { RestRoute } from './rest-routes.js';

/** A document that a request may be, or that an answer is, in place of JSON. */
export interface DocumentForm {
  readonly mediaType: string;
  /** The field of the message that it is. */
  readonly field: FieldPath;
  /** The field for its charset, if there is one. */
  readonly charset: FieldPath | undefined;
  /** The field that is the parameter `method` of its content type, if there is one. */
  readonly method: FieldPath | undefined;
}

/** The document that a request of the method may be. Throws for an option that names no field of the message. */
export function documentTaken(method: DescMethod): DocumentForm | undefined {
  return formOf(method.input, getOption(method, rest).takes);
}

/** The document that an answer of the method is. Throws for an option that names no field of the message. */
export function documentAnswered(method: DescMethod): DocumentForm | undefined {
  return formOf(method.output, getOption(method, rest).answers);
}

/** The route for requests that are a document: all other fields are in the path and the query. */
export function routeOfDocument(route: RestRoute): RestRoute | undefined {
  const document = documentTaken(route.endpoint.method);
  return document && { ...route, body: document.field[0]! };
}

/** The media types of documents that requests on the routes may be. */
export function documentTypes(routes: readonly RestRoute[]): string[] {
  return [...new Set(routes.flatMap(({ endpoint }) => documentTaken(endpoint.method)?.mediaType ?? []))];
}

/** The content types of JSON, with a suffix or without. */
export const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:;|$)/i;

/** Whether a body of the content type is JSON; one without a type is. */
export function isJsonType(contentType = 'application/json'): boolean {
  return contentType === 'application/json' || JSON_TYPE.test(contentType);
}

/** What the body of a request of the method may be, in words. */
export function bodyTypes(method: DescMethod): string {
  return ['application/json', documentTaken(method)?.mediaType ?? []].flat().join(' or ');
}

/** The bytes of a document, and the charset that its content type names, if any. */
export interface DocumentGiven {
  readonly bytes: Uint8Array;
  readonly charset: string | undefined;
}

/** Makes the function that finds the document in the body of a request; undefined, when the body is none. */
export function documentFinder(method: DescMethod): (request: FastifyRequest) => DocumentGiven | undefined {
  const taken = documentTaken(method);
  return ({ body, headers }) => {
    const contentType = headers['content-type'];
    if (!body || !taken || contentType === undefined || contentType === 'application/json') return undefined;
    const mediaType = contentType.split(';', 1)[0]!.trim().toLowerCase();
    if (mediaType !== taken.mediaType) return undefined;
    const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(contentType)?.[1];
    return { bytes: body as Uint8Array, charset };
  };
}

/**
 * Writes an answer as the document that it is, with the headers of one: it is a file of its own name, which nobody may
 * show without asking whether it is still the same.
 */
export function writeDocument({ mediaType, field, method }: DocumentForm, answer: Answer, reply: FastifyReply): string {
  const parameter = method ? `; method=${valueAt(answer, method)}` : '';
  const [, name = ''] = /([^/?]*)(?:\?|$)/.exec(reply.request.url) ?? [];
  reply.header('content-type', `${mediaType}${parameter}; charset=utf-8`);
  reply.header('content-disposition', `attachment; filename="${name.replaceAll(/[^\w.-]/g, '')}"`);
  reply.header('cache-control', 'private, no-cache');
  variesByEncoding(reply);
  return String(valueAt(answer, field));
}

function formOf(message: DescMethod['input'], option: Document | undefined): DocumentForm | undefined {
  if (!option) return undefined;
  const pathTo = (text: string): FieldPath => {
    const path = resolveFieldPath(message, text);
    if (!path) throw new Error(`${message.typeName} has no field ${text}`);
    return path;
  };
  const pathIfAny = (text: string) => (text === '' ? undefined : pathTo(text));
  const { mediaType, field, charset, method } = option;
  return { mediaType, field: pathTo(field), charset: pathIfAny(charset), method: pathIfAny(method) };
}
