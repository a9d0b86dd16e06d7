import type { JsonObject, NewEvent, Position, RecordedEvent, Revision } from './event-store.js';

/**
 * An event of the log that this process appended itself. Its data and metadata are parsed when they are asked for. They
 * are accessors: a copy by spread has neither them nor what the event was made from.
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

  /** The very event that was appended; undefined for a recorded event of another making, such as an altered copy. */
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
