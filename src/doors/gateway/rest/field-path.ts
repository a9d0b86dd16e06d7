import type { DescField, DescMessage } from '@bufbuild/protobuf';

/** The way from a message to one of its fields, through message fields. Never empty. */
export type FieldPath = readonly DescField[];

/**
 * The path written as `session.coach_hash_id`, each name as in the proto or in lowerCamelCase; undefined when the
 * message has no such field.
 */
export function resolveFieldPath(message: DescMessage, text: string): FieldPath | undefined {
  const path: DescField[] = [];
  let parent: DescMessage | undefined = message;
  for (const name of text.split('.')) {
    const field: DescField | undefined = parent && fieldsByName(parent).get(name);
    if (!field) return undefined;
    path.push(field);
    parent = field.fieldKind === 'message' ? field.message : undefined;
  }
  return path;
}

/** The path in proto names, joined by dots. */
export function textOf(path: FieldPath): string {
  return path.map(({ name }) => name).join('.');
}

const known = new WeakMap<DescMessage, ReadonlyMap<string, DescField>>();

function fieldsByName(message: DescMessage): ReadonlyMap<string, DescField> {
  let fields = known.get(message);
  if (!fields) {
    fields = new Map(
      message.fields.flatMap((field) => [[field.name, field] as const, [field.jsonName, field] as const]),
    );
    known.set(message, fields);
  }
  return fields;
}
