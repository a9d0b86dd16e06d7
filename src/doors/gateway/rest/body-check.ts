import type { DescMethod } from '@bufbuild/protobuf';
import type { FastifyRequest } from 'fastify';
import type { RequestSize } from '../../request-size.js';
import { httpError } from '../http/problem.js';
import { bodyTypes, documentFinder, isJsonType } from './documents.js';

/**
 * Makes the function that answers why a request is refused for its body alone: 415 for a document that the method does
 * not take, 413 for JSON that is too large without its documents.
 */
export function bodyCheck(method: DescMethod, size: RequestSize): (request: FastifyRequest) => Error | undefined {
  const documentIn = documentFinder(method);
  return (request) => {
    const { body, headers } = request;
    if (!body) return undefined;
    if (!isJsonType(headers['content-type'])) {
      return documentIn(request) ? undefined : httpError(415, `the body must be ${bodyTypes(method)}`);
    }
    return size.fitsJson(body as Uint8Array) ? undefined : httpError(413, size.rule);
  };
}
