import { type DescMessage, fromJson, type JsonValue, type MessageShape } from '@bufbuild/protobuf';
import { ConnectError } from '@connectrpc/connect';
import { invalidArgument, type Violation } from '../../../handlers/answer/errors.js';
import { violationsIn } from './json-check.js';

// A request full of mistakes must not lead to an answer many times its size.
const MAX_VIOLATIONS = 50;
const MAX_FIELD_LENGTH = 128;

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** The JSON value in a body. Throws INVALID_ARGUMENT when there is none. */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) throw invalidBody('the body is empty: send a JSON object');
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    throw invalidBody('the body is not UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw invalidBody('the body is not JSON');
  }
}

/**
 * The message that a JSON value stands for. Throws INVALID_ARGUMENT with all that is wrong with it, or its first 50
 * mistakes.
 * @param alsoBroken what was found wrong with the request already; told first
 */
export function messageFromJson<Desc extends DescMessage>(
  desc: Desc,
  json: unknown,
  alsoBroken: readonly Violation[] = [],
): MessageShape<Desc> {
  try {
    const violations = [...alsoBroken, ...violationsIn(desc, json)];
    if (violations.length > 0) throw invalidArgument(...violations.slice(0, MAX_VIOLATIONS).map(shortened));
    return fromJson(desc, json as JsonValue);
  } catch (error) {
    if (error instanceof ConnectError) throw error;
    // What the check did not foresee, such as nesting without end, is still the caller's mistake.
    throw invalidBody(`the JSON is no ${desc.typeName}`);
  }
}

/** Names come from the caller, and may be of any length. */
function shortened({ field, description }: Violation): Violation {
  return { field: field.slice(0, MAX_FIELD_LENGTH), description };
}

/** INVALID_ARGUMENT for the body as a whole. */
export function invalidBody(description: string): ConnectError {
  return invalidArgument({ field: '', description });
}
