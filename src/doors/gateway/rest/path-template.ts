import type { DescMessage } from '@bufbuild/protobuf';
import { type FieldPath, resolveFieldPath } from './field-path.js';

/**
 * A path such as `/api/v1/sessions/{id}:cancel`, as its texts and fields in turn. The first and the last are texts.
 */
export type PathTemplate = readonly (string | FieldPath)[];

/**
 * Reads a path whose `{…}` name fields of the message. Throws when the message has no such field, and for patterns that
 * span several segments of the path (`*`, `**`, `{name=a/*}`), which this service does not use.
 */
export function parsePathTemplate(text: string, message: DescMessage): PathTemplate {
  return text.split(/\{([^}]*)\}/).map((part, index) => {
    if (part.includes('*')) throw new Error(`${text}: patterns with * are not supported`);
    if (index % 2 === 0) return part;
    const path = resolveFieldPath(message, part);
    if (!path) throw new Error(`${text}: ${message.typeName} has no field ${part}`);
    return path;
  });
}

/** The fields that the path names. */
export function fieldsIn(template: PathTemplate): FieldPath[] {
  return template.filter((part) => typeof part !== 'string');
}
