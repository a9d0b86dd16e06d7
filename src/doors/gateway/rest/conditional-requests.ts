import { Code, ConnectError } from '@connectrpc/connect';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Answer, UnaryEndpoint } from '../../../handlers/call.js';
import { httpCall } from '../../incoming-call.js';
import { httpError } from '../http/problem.js';
import { messageFromJson } from '../json/read-message.js';
import { resolveFieldPath } from './field-path.js';
import { fieldsIn } from './path-template.js';
import { type Condition, etagFinder, ifMatchOf, ifNoneMatchOf, isMet, notMet } from './preconditions.js';
import { type JsonFields, put, type ReadRequest } from './request-reader.js';
import { isUnary, parameterName, type RestRoute } from './rest-routes.js';

/** The header that says which etags something may have, for the command to be carried out; `*` for any. */
export const IF_MATCH_HEADER = 'if-match';

/** The header that asks for an answer only if it has another etag. */
export const IF_NONE_MATCH_HEADER = 'if-none-match';

/** Writes the answer of its route, and sets its headers. */
export type WriteAnswer = (answer: Answer, reply: FastifyReply) => string;

/** The etags of what is not set: of `If-None-Match: *`, which creates and never replaces. */
const ONLY_NONE = [''];

/** Makes the function that answers requests with `If-Match` or `If-None-Match` on the route. */
export function conditionally(
  route: RestRoute<UnaryEndpoint>,
  routes: readonly RestRoute[],
  read: ReadRequest,
  write: WriteAnswer,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const { method, invoke } = route.endpoint;
  const etagOf = etagFinder(method.output);
  const takesEtag = resolveFieldPath(method.input, 'etag') !== undefined;
  const getter = getterOf(route, routes);

  async function get(request: FastifyRequest, reply: FastifyReply, ifMatch: Condition | undefined): Promise<void> {
    const ifNoneMatch = ifNoneMatchOf(request.headers[IF_NONE_MATCH_HEADER]);
    const answer = await invoke(() => read(request), httpCall(method, 'rest', request, reply));
    const etag = etagOf?.(answer);
    if (ifMatch && !isMet(ifMatch, etag)) throw notMet(etag);
    const text = write(answer, reply);
    if (ifNoneMatch && isMet(ifNoneMatch, etag)) reply.code(304).removeHeader('content-type').send();
    else reply.send(text);
  }

  /** What a request is answered whose fields are wrong: its `If-Match` is judged before them. */
  async function errorFor(error: unknown, request: FastifyRequest, reply: FastifyReply, etags: readonly string[]) {
    if (!getter || !(error instanceof ConnectError) || error.code !== Code.InvalidArgument) return error;
    const found = await getter(request, reply).catch(() => undefined);
    return found === undefined || isMet(etags, found) ? error : notMet(found);
  }

  async function command(request: FastifyRequest, reply: FastifyReply, ifMatch: Condition | undefined): Promise<void> {
    if (ifMatch && !takesEtag) throw httpError(412, 'If-Match cannot be met: nothing is there before the request');
    const ifNoneMatch = takesEtag ? ifNoneMatchOf(request.headers[IF_NONE_MATCH_HEADER]) : undefined;
    const createsOnly = ifNoneMatch === '*' && route.verb === 'PUT' && !ifMatch;
    if (ifNoneMatch && !createsOnly) {
      throw httpError(400, 'If-None-Match is for GET, and as * for PUT: a command takes If-Match');
    }
    const etags = createsOnly ? ONLY_NONE : ifMatch === '*' ? undefined : ifMatch;
    // Only PUT is carried out also where nothing is: any other command finds something, or is answered NOT_FOUND.
    const demanded = route.verb === 'PUT' && !createsOnly ? ifMatch : etags;
    try {
      const call = httpCall(method, 'rest', request, reply);
      const answer = await invoke(() => read(request, etags), demanded ? { ...call, ifMatch: demanded } : call);
      reply.send(write(answer, reply));
    } catch (error) {
      throw etags ? await errorFor(error, request, reply, etags) : error;
    }
  }

  return async (request, reply) => {
    const ifMatch = ifMatchOf(request.headers[IF_MATCH_HEADER]);
    await (route.verb === 'GET' ? get : command)(request, reply, ifMatch);
  };
}

/**
 * Makes the function that finds the etag of what a command is for: what GET answers at the path up to the verb of the
 * command. Undefined when there is no such GET.
 */
function getterOf(route: RestRoute, routes: readonly RestRoute[]) {
  const placeOf = ({ path }: RestRoute) => path.replaceAll(/\{[^}]*\}/g, '{}');
  const place = placeOf(route).replace(/:\w+$/, '');
  const getRoute = routes.filter(isUnary).find((other) => other.verb === 'GET' && placeOf(other) === place);
  const etagOf = getRoute && etagFinder(getRoute.endpoint.method.output);
  if (!getRoute || !etagOf) return undefined;
  const { method, invoke } = getRoute.endpoint;
  const paths = fieldsIn(getRoute.template);
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const json: JsonFields = {};
    const params = request.params as Record<string, string>;
    for (const [index, path] of paths.entries()) put(json, path, params[parameterName(index)]);
    return etagOf(await invoke(() => messageFromJson(method.input, json), httpCall(method, 'rest', request, reply)));
  };
}
