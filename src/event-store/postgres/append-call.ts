import type pg from 'pg';
import type { AppendResult, ExpectedRevision, NewEvent, Position, Revision } from '../event-store.js';

/** An append whose events are already JSON text: each is encoded once, and the size of the append is known. */
export interface EncodedAppend {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  /** The members of each event's JSON object, without its braces. */
  readonly events: readonly string[];
  /** Characters of JSON. */
  readonly size: number;
}

/** Encodes an append. */
export function encodeAppend(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): EncodedAppend {
  const encoded = events.map(
    ({ id, type, data, metadata }) =>
      `"id":${JSON.stringify(id)},"type":${JSON.stringify(type)},"data":${data},"metadata":${metadata}`,
  );
  return { stream, expected, events: encoded, size: encoded.reduce((size, event) => size + event.length, 0) };
}

/**
 * Makes the appends in one call and one transaction, and returns an outcome for each, in order. No stream may occur
 * twice. Throws what Postgres throws: then nothing was written, unless the connection was lost.
 */
export async function callAppend(pool: pg.Pool, appends: readonly EncodedAppend[]): Promise<AppendResult[]> {
  const { rows } = await pool.query<{ revision: Revision; position: Position | null }>({
    name: 'append',
    text: 'select revision, position from event_store.append($1, $2)',
    values: [appendsJson(appends), eventsJson(appends)],
  });
  return rows.map(({ revision, position }) =>
    position === null ? { outcome: 'conflict', actual: revision } : { outcome: 'appended', revision, position },
  );
}

function appendsJson(appends: readonly EncodedAppend[]): string {
  const items = appends.map(({ stream, expected, events }) => {
    const revision = expected === 'any' ? 'null' : expected;
    return `{"stream":${JSON.stringify(stream)},"expected":${revision},"size":${events.length}}`;
  });
  return `[${items.join()}]`;
}

function eventsJson(appends: readonly EncodedAppend[]): string {
  const items = appends.flatMap(({ events }, append) =>
    events.map((event, nr) => `{"append":${append + 1},"nr":${nr + 1},${event}}`),
  );
  return `[${items.join()}]`;
}
