import { type DescField, getOption, hasOption } from '@bufbuild/protobuf';
import { rest } from '../../../gen/aceup/scheduler/v1/rest_pb.js';
import { http } from '../../../gen/google/api/annotations_pb.js';
import type { HttpRule } from '../../../gen/google/api/http_pb.js';
import type { Endpoint, StreamingEndpoint, UnaryEndpoint } from '../../../handlers/call.js';
import { resolveFieldPath } from './field-path.js';
import { type PathTemplate, parsePathTemplate } from './path-template.js';

/** One HTTP verb and path for a method, from its google.api.http option or an additional binding in the option. */
export interface RestRoute<Served extends Endpoint = Endpoint> {
  readonly endpoint: Served;
  /** `GET`, `POST` and so on. */
  readonly verb: string;
  /** The path as the option has it: `/api/v1/sessions/{id}`. */
  readonly path: string;
  readonly template: PathTemplate;
  /** Which part of the request is in the body: all that is not in the path, one field, or nothing. */
  readonly body: '*' | DescField | undefined;
}

/**
 * The REST routes of the endpoints. Throws for an option that cannot be served, such as one of a streaming method that
 * does not say how its messages become events.
 */
export function restRoutesOf(endpoints: readonly Endpoint[]): RestRoute[] {
  return endpoints.flatMap((endpoint) => {
    const { method } = endpoint;
    if (!hasOption(method, http)) return [];
    if ('stream' in endpoint && !getOption(method, rest).events) {
      throw new Error(`${method.name}: REST serves a stream only with the option (rest).events`);
    }
    const rule = getOption(endpoint.method, http);
    return [rule, ...rule.additionalBindings].map((binding) => routeOf(endpoint, binding));
  });
}

function routeOf(endpoint: Endpoint, { pattern, body, responseBody }: HttpRule): RestRoute {
  const { input, name } = endpoint.method;
  if (!pattern.case || pattern.case === 'custom') throw new Error(`${name}: the option has no verb that can be served`);
  if (responseBody) throw new Error(`${name}: response_body is not supported`);
  return {
    endpoint,
    verb: pattern.case.toUpperCase(),
    path: pattern.value,
    template: parsePathTemplate(pattern.value, input),
    body: body === '' || body === '*' ? body || undefined : bodyField(endpoint, body),
  };
}

function bodyField({ method }: Endpoint, name: string): DescField {
  const field = resolveFieldPath(method.input, name)?.[0];
  if (!field) throw new Error(`${method.name}: ${method.input.typeName} has no field ${name}`);
  return field;
}

/**
 * The route's path for Fastify, with the parameters `p0`, `p1` and so on in the order of the template's fields.
 * @param routes all routes: where one has a verb such as `:cancel`, a parameter at that place takes no colon in any
 */
export function routerPath({ template, path }: RestRoute, routes: readonly RestRoute[]): string {
  let count = 0;
  return template
    .map((part) => {
      if (typeof part === 'string') return part.replaceAll(':', '::');
      const name = parameterName(count++);
      const upToHere = `${path.split('}', count).join('}')}}`;
      const goesOn = routes.some(
        (other) => /^[:.]/.test(other.path.slice(upToHere.length)) && other.path.startsWith(upToHere),
      );
      return goesOn ? `:${name}([^:]+)` : `:${name}`;
    })
    .join('');
}

/** What the router calls the path's nth field, from 0. */
export function parameterName(index: number): string {
  return `p${index}`;
}

/** Whether a route streams its answers. */
export function isStreamed(route: RestRoute): route is RestRoute<StreamingEndpoint> {
  return 'stream' in route.endpoint;
}

/** Whether a route answers once. */
export function isUnary(route: RestRoute): route is RestRoute<UnaryEndpoint> {
  return 'invoke' in route.endpoint;
}
