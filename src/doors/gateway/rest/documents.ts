import { type DescMethod, getOption } from '@bufbuild/protobuf';
import type { FastifyRequest } from 'fastify';
import { rest } from '../../../gen/aceup/scheduler/v1/rest_pb.js';
import { httpError } from '../http/problem.js';
import { type FieldPath, resolveFieldPath } from './field-path.js';
import type { RestRoute } from './rest-routes.js';

/** A document that a request may be, or that an answer is, in place of JSON. */
export interface DocumentForm {
  readonly mediaType: string;
  /** The field of the message that it is. */
  readonly field: FieldPath;
  /** The field for its charset, if there is one. */
  readonly charset: FieldPath | undefined;
}

/** The document that a request of the method may be. Throws for an option that names no field of the message. */
export function documentTaken(method: DescMethod): DocumentForm | undefined {
  return formOf(method.input, getOption(method, rest).takes);
}

/** The document that an answer of the method is. Throws for an option that names no field of the message. */
export function documentAnswered(method: DescMethod): DocumentForm | undefined {
  return formOf(method.output, getOption(method, rest).answers);
}

/** The media types of documents that requests on the routes may be. */
export function documentTypes(routes: readonly RestRoute[]): string[] {
  return [...new Set(routes.flatMap(({ endpoint }) => documentTaken(endpoint.method)?.mediaType ?? []))];
}

/** The bytes of a document, and the charset that its content type names, if any. */
export interface DocumentGiven {
  readonly bytes: Uint8Array;
  readonly charset: string | undefined;
}

/**
 * Makes the function that finds the document in the body of a request; undefined, when the body is JSON, or empty.
 * It throws 415 for a document that the method does not take.
 */
export function documentFinder(method: DescMethod): (request: FastifyRequest) => DocumentGiven | undefined {
  const taken = documentTaken(method);
  return ({ body, headers }) => {
    const contentType = headers['content-type'];
    if (!body || contentType === undefined || contentType === 'application/json') return undefined;
    const mediaType = contentType.split(';', 1)[0]!.trim().toLowerCase();
    if (/[/+]json$/.test(mediaType)) return undefined;
    if (mediaType !== taken?.mediaType) throw httpError(415, 'the content type of the body must be application/json');
    const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(contentType)?.[1];
    return { bytes: body as Uint8Array, charset };
  };
}

function formOf(
  message: DescMethod['input'],
  option: { readonly mediaType: string; readonly field: string; readonly charset: string } | undefined,
): DocumentForm | undefined {
  if (!option) return undefined;
  const pathTo = (text: string): FieldPath => {
    const path = resolveFieldPath(message, text);
    if (!path) throw new Error(`${message.typeName} has no field ${text}`);
    return path;
  };
  const charset = option.charset === '' ? undefined : pathTo(option.charset);
  return { mediaType: option.mediaType, field: pathTo(option.field), charset };
}
