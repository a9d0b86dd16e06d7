import type { JsonObject } from '@bufbuild/protobuf';
import { textOf } from '../rest/field-path.js';
import { fieldsIn } from '../rest/path-template.js';
import type { RestRoute } from '../rest/rest-routes.js';
import { REQUEST_EXAMPLES } from './request-examples.js';

/** The request that is the example of a route: the method's, about a client where the route is that of clients. */
export function exampleOf({ endpoint: { method }, template }: RestRoute): JsonObject | undefined {
  const example = REQUEST_EXAMPLES[method.name]?.request;
  const isOfClients = fieldsIn(template).some((path) => textOf(path) === 'client_hash_id');
  if (!example || !isOfClients) return example;
  const { coach_hash_id: _, ...same } = example;
  return { client_hash_id: '456', ...same };
}
