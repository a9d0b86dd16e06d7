import type { JsonObject, NewEvent, Position, RecordedEvent, Revision } from './event-store.js';

/**
 * An event of the log that this process appended itself. `data` and `metadata` are parsed when they are read. A copy by
 * spread has neither of them, since they are accessors, nor the event that was appended.
 */
export class AppendedEvent implements RecordedEvent {
  readonly #event: NewEvent;
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: Revision;
  readonly position: Position;
  readonly recordedAt: number;

  constructor(event: NewEvent, stream: string, revision: Revision, position: Position, recordedAt: number) {
    this.#event = event;
    this.id = event.id;
    this.type = event.type;
    this.stream = stream;
    this.revision = revision;
    this.position = position;
    this.recordedAt = recordedAt;
  }

  /** The very event that was appended; undefined for any other recorded event, such as a copy. */
  static sourceOf(recorded: RecordedEvent): NewEvent | undefined {
    return #event in recorded ? recorded.#event : undefined;
  }

  get data(): JsonObject {
    return JSON.parse(this.#event.data);
  }

  get metadata(): JsonObject {
    return JSON.parse(this.#event.metadata);
  }
}
