import type { Position, Revision } from '../../event-store/event-store.js';

/** What an aggregate was at a revision of its stream. It saves reading the events up to there, and says nothing new. */
export interface Snapshot {
  /** The event that it was made at, in the stream of the aggregate. */
  readonly revision: Revision;
  readonly eventId: string;
  readonly position: Position;
  /** See `SnapshotCodec`. */
  readonly form: number;
  readonly state: Buffer;
}

/** Keeps the latest snapshot of a stream. It may lose any of them at any time. */
export interface Snapshots {
  /** The snapshot of a stream, if there is one in the form. Throws when it cannot be asked. */
  load(stream: string, form: number): Promise<Snapshot | undefined>;
  /** Puts a snapshot in the place of the stream's last one. Throws when it cannot. */
  save(stream: string, snapshot: Snapshot): Promise<void>;
}

/** Turns the states of an aggregate into bytes and back. */
export interface SnapshotCodec<State> {
  /**
   * A number that no other version of this codec had whose bytes mean something else, or that was used with another
   * `evolve`.
   */
  readonly form: number;
  /** The bytes of a state. They are made little by little: others have their turn in between. */
  encode(state: State): Promise<Buffer>;
  /** The state of which these are the bytes. Throws when they were damaged. */
  decode(bytes: Buffer): State;
}
