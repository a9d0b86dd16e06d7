import type { MessageInitShape } from '@bufbuild/protobuf';
import { type Session, SessionSchema } from '../../gen/aceup/scheduler/v1/session_pb.js';
import type { Broken } from './fields.js';

/** The name of each field in messages, by its names in the proto and in JSON. */
const LOCAL_NAMES: ReadonlyMap<string, keyof Session> = new Map(
  SessionSchema.fields.flatMap(({ name, jsonName, localName }) => [
    [name, localName as keyof Session],
    [jsonName, localName as keyof Session],
  ]),
);

/** The most characters of an unknown name that the caller gets back. */
const SHOWN = 40;

/** Names of fields of a session, several in a text with commas between them. Reports the first that is unknown. */
export function sessionFields(field: string, texts: readonly string[]): Broken {
  for (const [index, text] of texts.entries()) {
    const unknown = namesIn(text).find((name) => !LOCAL_NAMES.has(name));
    if (unknown === undefined) continue;
    const got = JSON.stringify(unknown.slice(0, SHOWN));
    return { field: `${field}[${index}]`, description: `must name fields of a session; got ${got}` };
  }
  return undefined;
}

/**
 * What leaves of a session the fields with these names.
 * @param texts as `sessionFields` takes them
 */
export function partOf(texts: readonly string[]): (session: Session) => MessageInitShape<typeof SessionSchema> {
  const wanted = [...new Set(texts.flatMap(namesIn).map((name) => LOCAL_NAMES.get(name)!))];
  return (session) => Object.fromEntries(wanted.map((name) => [name, session[name]]));
}

function namesIn(text: string): string[] {
  return text.split(',');
}
