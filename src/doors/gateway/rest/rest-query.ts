import { type DescMessage, type DescMethod, getOption, ScalarType } from '@bufbuild/protobuf';
import { access } from '../../../gen/aceup/scheduler/v1/access_pb.js';
import { rest } from '../../../gen/aceup/scheduler/v1/rest_pb.js';
import { type FieldPath, resolveFieldPath, textOf } from './field-path.js';
import { fieldsIn } from './path-template.js';
import type { RestRoute } from './rest-routes.js';

/**
 * Makes the function that finds the field that a query parameter fills, named in either spelling; undefined when the
 * parameter fills none.
 */
export function queryFieldFinder(route: RestRoute): (name: string) => FieldPath | undefined {
  // Without names that mix the spellings: those are resolved when they come.
  const known = new Map<string, FieldPath>();
  for (const path of queryFields(route)) {
    known.set(textOf(path), path).set(path.map(({ jsonName }) => jsonName).join('.'), path);
  }
  return (name) => known.get(name) ?? queryField(route, name);
}

function queryField(route: RestRoute, name: string): FieldPath | undefined {
  const path = resolveFieldPath(route.endpoint.method.input, name);
  return path && isQueryField(route, path) ? path : undefined;
}

/** The fields that query parameters can fill, in the order of the proto. */
export function queryFields(route: RestRoute): FieldPath[] {
  return leaves(route.endpoint.method.input).filter((path) => isQueryField(route, path));
}

/**
 * Whether REST passes over query parameters that the method does not know. Programs that subscribe to a document put
 * some behind the link that they were given, such as `nocache=1`, and nobody reads what they are refused with.
 */
export function passesOverUnknown(method: DescMethod): boolean {
  return getOption(method, access).byLink && getOption(method, rest).answers !== undefined;
}

/**
 * The JSON value for a parameter's text: mostly the text itself, which the JSON mapping accepts for numbers and times.
 */
export function queryValue(path: FieldPath, text: string): unknown {
  const { scalar, enum: values } = path.at(-1) as FieldPath[number];
  if (scalar === ScalarType.BOOL && (text === 'true' || text === 'false')) return text === 'true';
  return values && /^-?\d+$/.test(text) ? Number(text) : text;
}

/** Whether a field has one value or a list of values, and is neither in the path nor in the body. */
function isQueryField({ template, body }: RestRoute, path: FieldPath): boolean {
  if (body === '*' || path[0] === body) return false;
  const { fieldKind, message } = path.at(-1) as FieldPath[number];
  if (fieldKind === 'map' || (message && !hasTextForm(message))) return false;
  return fieldsIn(template).every((inPath) => textOf(inPath) !== textOf(path));
}

function hasTextForm(message: DescMessage): boolean {
  return message.typeName.startsWith('google.protobuf.');
}

function leaves(message: DescMessage, above: FieldPath = []): FieldPath[] {
  return message.fields.flatMap((field) => {
    const path = [...above, field];
    const within = field.fieldKind === 'message' && !hasTextForm(field.message) ? field.message : undefined;
    // A message that contains itself is listed to its first level.
    if (!within || above.some(({ parent }) => parent === within)) return [path];
    return leaves(within, path);
  });
}
