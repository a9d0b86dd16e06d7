import type { ExpectedRevision, NewEvent } from '../event-store.js';

/** An append that was checked. */
export interface Append {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly EncodedEvent[];
  /** Bytes of JSON. */
  readonly size: number;
}

/** An event whose content is JSON text in UTF-8. */
export interface EncodedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Checks and encodes an append. Throws a `RangeError` or `TypeError` for what cannot be stored: the server's own error
 * would not say why.
 */
export function prepareAppend(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Append {
  if (events.length === 0) throw new RangeError('an append needs at least one event');
  if (stream === '') throw new RangeError('a stream needs a name');
  let size = 0;
  const encoded = events.map(({ id, type, data, metadata }) => {
    if (!UUID.test(id)) throw new RangeError(`the event id ${id} is not a UUID in lower case`);
    if (type === '') throw new RangeError(`the event ${id} has no type`);
    const event = { id, type, data: Buffer.from(data), metadata: Buffer.from(metadata) };
    size += event.data.length + event.metadata.length;
    return event;
  });
  return { stream, expected, events: encoded, size };
}
