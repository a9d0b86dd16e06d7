import type { Position, Revision } from '../../event-store/event-store.js';

/** The state of an aggregate at a revision of its stream. It saves reading the events before, and adds nothing. */
export interface Snapshot {
  /** The revision, the id and the position of the event that the snapshot was made at. */
  readonly revision: Revision;
  readonly eventId: string;
  readonly position: Position;
  /** See `SnapshotCodec`. */
  readonly form: number;
  readonly state: Buffer;
}

/** Keeps the last snapshot of each stream. It may lose any of them at any time. */
export interface Snapshots {
  /** The snapshot of a stream, if there is one in the form. Throws when the store of snapshots is unavailable. */
  load(stream: string, form: number): Promise<Snapshot | undefined>;
  /** Replaces the stream's last snapshot. Throws when the store of snapshots is unavailable. */
  save(stream: string, snapshot: Snapshot): Promise<void>;
}

/** Turns the states of an aggregate into bytes and back. */
export interface SnapshotCodec<State> {
  /** A number for this codec together with its `evolve`. When either changes the meaning of the bytes: a new number. */
  readonly form: number;
  /** The bytes of a state. Made in slices, so that the event loop goes on in between. */
  encode(state: State): Promise<Buffer>;
  /** The state of which these are the bytes. Throws when the bytes are damaged. */
  decode(bytes: Buffer): State;
}
