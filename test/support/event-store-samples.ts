import { randomUUID } from 'node:crypto';
import type { JsonObject, NewEvent } from '../../src/event-store/event-store.js';

/** The name of a stream that no other test uses, even in a shared store. */
export function aStream(prefix = 'test-'): string {
  return `${prefix}${randomUUID()}`;
}

/** A prefix of stream names that no other test uses. */
export function aPrefix(): string {
  return `test-${randomUUID()}-`;
}

/** An event with an id of its own. */
export function anEvent(data: JsonObject = {}, metadata: JsonObject = {}): NewEvent {
  return { id: randomUUID(), type: 'test.v1.Happened', data: JSON.stringify(data), metadata: JSON.stringify(metadata) };
}

/** The event as it is read: with the content that its texts say. */
export function asRead({ id, type, data, metadata }: NewEvent) {
  return { id, type, data: JSON.parse(data) as JsonObject, metadata: JSON.parse(metadata) as JsonObject };
}

/** As many events as `count` says, numbered from 0 in `data.number`. */
export function events(count: number): NewEvent[] {
  return Array.from({ length: count }, (_, number) => anEvent({ number }));
}
