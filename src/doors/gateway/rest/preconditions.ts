import type { DescMessage, JsonObject } from '@bufbuild/protobuf';
import { invalidArgument, staleEtag } from '../../../handlers/answer/errors.js';
import type { Answer } from '../../../handlers/call.js';
import { httpError } from '../http/problem.js';
import { type FieldPath, resolveFieldPath } from './field-path.js';

// RFC 9110, section 13: what a request demands of the etag of the thing that it is for.

/** The etags that a header lists, or `*` for any. */
export type Condition = '*' | readonly string[];

/** A member of the list: an etag in quotes, or as the field `etag` shows it. Members may be empty. */
const MEMBER = /\s*(?:(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"|([^\s",]*))\s*(?:,|$)/y;

/**
 * The etags of `If-Match`, without weak ones, which match nothing there. Undefined when there is no such header. Throws
 * INVALID_ARGUMENT when the header is malformed.
 */
export function ifMatchOf(header: string | undefined): Condition | undefined {
  return conditionOf('If-Match', header, false);
}

/** As `ifMatchOf`, with weak etags as if they were strong. */
export function ifNoneMatchOf(header: string | undefined): Condition | undefined {
  return conditionOf('If-None-Match', header, true);
}

function conditionOf(name: string, header: string | undefined, takesWeak: boolean): Condition | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return '*';
  const etags: string[] = [];
  let count = 0;
  MEMBER.lastIndex = 0;
  while (MEMBER.lastIndex < header.length) {
    const [, weak, quoted, plain] = MEMBER.exec(header) ?? malformed(name);
    if (quoted === undefined && plain === '') continue;
    count += 1;
    if (!weak || takesWeak) etags.push((quoted ?? plain) as string);
  }
  return count === 0 ? malformed(name) : etags;
}

function malformed(name: string): never {
  throw invalidArgument({ field: 'etag', description: `the header ${name} must be * or a list of etags in quotes` });
}

/** Whether something that has this etag, or none, is what the condition lists. */
export function isMet(condition: Condition, etag: string | undefined): boolean {
  return condition === '*' || (etag !== undefined && condition.includes(etag));
}

/** The error for a condition that is not met: 412. */
export function notMet(etag: string | undefined): Error {
  return etag === undefined ? httpError(412, 'If-Match names an etag, and there is none here') : staleEtag(etag);
}

/** Where answers have their etag, by the messages that have one. */
const PLACES = ['session', 'hold', 'series', 'availability', 'booking_policy', 'calendar_source']
  .map((name) => `${name}.etag`)
  .concat('etag');

/** Makes the function that finds the etag in an answer. Undefined when answers of this type have none. */
export function etagFinder(output: DescMessage): ((answer: Answer) => string | undefined) | undefined {
  const path = PLACES.map((place) => resolveFieldPath(output, place)).find((found) => found !== undefined);
  return path && ((answer) => (valueAt(answer, path) as string | undefined) || undefined);
}

/** The value of a field of an answer. */
export function valueAt(answer: Answer, path: FieldPath): unknown {
  return path.reduce<unknown>((value, { localName }) => (value as JsonObject | undefined)?.[localName], answer);
}
