import type { Position, Revision } from '../../event-store/event-store.js';
import type { AnyList, ListFormat, Segment } from './segments.js';

/** What a snapshot was made at, and what its bytes mean. */
export interface SnapshotHead {
  /** The revision, the id and the position of the event that the snapshot was made at. */
  readonly revision: Revision;
  readonly eventId: string;
  readonly position: Position;
  /** See `SnapshotCodec`. */
  readonly form: number;
}

/** The state of an aggregate at a revision of its stream. It saves reading the events before, and adds nothing. */
export interface Snapshot extends SnapshotHead {
  /** Snapshots that follow each other have the same id, and share segments. */
  readonly id: bigint;
  /** Says of which segments the state consists. */
  readonly manifest: Buffer;
}

/** Keeps the last snapshot of each stream, with its segments. It may lose anything at any time. */
export interface Snapshots {
  /** The snapshot of a stream, if there is one in the form. Throws when the store of snapshots is unavailable. */
  find(stream: string, form: number): Promise<Snapshot | undefined>;
  /**
   * Segments by their ids: those that there are. The segments of a snapshot are there until the next one but one is
   * saved. Throws when the store of snapshots is unavailable.
   */
  readSegments(snapshot: bigint, ids: readonly string[]): Promise<ReadonlyMap<string, Buffer>>;
  /**
   * Replaces the stream's last snapshot of its form or an earlier one, as a whole or not at all. Throws what `write`
   * throws, and when the store of snapshots is unavailable.
   * @param base the snapshot that the new one follows and whose segments it uses; undefined: it uses none, and follows
   * whatever there is
   * @param write puts the segments that the base does not have, and answers what completes the snapshot
   * @returns the id; undefined when the base is not the last snapshot any more
   */
  save(
    stream: string,
    base: SnapshotBase | undefined,
    head: SnapshotHead,
    write: WriteSegments,
  ): Promise<bigint | undefined>;
}

/** Identifies a snapshot. */
export type SnapshotBase = Pick<Snapshot, 'id' | 'revision'>;

/** Puts segments into the store, some at a time. */
export type WriteSegments = (put: (segments: readonly Segment[]) => Promise<void>) => Promise<WrittenSnapshot>;

/** What completes a snapshot once all its segments are written. */
export interface WrittenSnapshot {
  readonly manifest: Buffer;
  /** The ids of the segments of the base that the snapshot does not have. */
  readonly replaced: readonly string[];
}

/** Turns the states of an aggregate into lists that can be packed, and back. */
export interface SnapshotCodec<State> {
  /**
   * The number of the meaning of the bytes. The codec, the packing and the aggregate's `evolve` give them that meaning:
   * raise the number when one of the three changes it.
   */
  readonly form: number;
  /** Forms of earlier versions that `putTogether` still reads, the latest first. */
  readonly olderForms: readonly number[];
  /** How the lists are packed, in their order. */
  readonly formats: readonly ListFormat[];
  takeApart(state: State): StateParts;
  putTogether(parts: StateParts): State;
}

/** A state in parts. */
export interface StateParts {
  /** What grows with the past. */
  readonly lists: readonly AnyList[];
  /** What does not grow. Stored as JSON. */
  readonly rest: unknown;
}
