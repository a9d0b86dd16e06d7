import { AppendedEvent } from '../appended-event.js';
import type { AppendResult, Position, RecordedEvent, StreamFilter } from '../event-store.js';
import type { Append, Appended } from './append-call.js';
import type { LogPage } from './postgres-subscription.js';

/** The most events that a tail keeps for subscriptions that are behind, and the most characters of JSON. */
const MAX_EVENTS = 4_096;
const MAX_CHARACTERS = 8_000_000;

/** A page that has examined so many events takes no further call. */
const PAGE_EVENTS = 1_000;

/** Reads a page of the log after a position. */
export type ReadPage = (after: Position) => Promise<LogPage>;

/**
 * What this process appended last, kept for its subscriptions: they read from the log only what others appended.
 * Positions have no gaps, so it is known whether an event of another process lies between two events of this one.
 */
export interface Tail {
  /** Keeps the events of a call that is durable, as long as a subscription has not had them. */
  add(appends: readonly Append[], appended: Appended): void;
  /** There may be events of other processes at the end of the log. */
  noteOthers(): void;
  /**
   * Begins to serve a subscription. `readPage` answers from this tail when the tail has the next event, else by
   * `readLog`. The subscription ends with `stop`.
   */
  follow(from: Position, filter: StreamFilter, readLog: ReadPage): { readonly readPage: ReadPage; stop(): void };
}

/** The events of one call, at the positions after `from` up to `to` (inclusive). */
interface Run {
  readonly from: Position;
  readonly to: Position;
  readonly events: readonly RecordedEvent[];
  /** Characters of JSON. */
  readonly size: number;
}

/** How far a subscription has come. */
interface Follower {
  position: Position;
}

/** A tail that nobody follows yet. */
export function createTail(): Tail {
  const followers = new Set<Follower>();
  let runs: Run[] = [];
  let events = 0;
  let characters = 0;
  let notesOfOthers = 0;

  function keep(run: Run): void {
    runs.push(run);
    events += run.events.length;
    characters += run.size;
    while (events > MAX_EVENTS || characters > MAX_CHARACTERS) drop(1);
  }

  function drop(count: number): void {
    if (count === 0) return;
    for (const run of runs.slice(0, count)) {
      events -= run.events.length;
      characters -= run.size;
    }
    runs = runs.slice(count);
  }

  /** Drops the runs that every subscription has had. */
  function trim(): void {
    let first: Position | undefined;
    for (const { position } of followers) if (first === undefined || position < first) first = position;
    const needed = first === undefined ? -1 : runs.findIndex(({ to }) => to > first);
    drop(needed === -1 ? runs.length : needed);
  }

  /** The page after a position; undefined when the next event is not here. */
  function pageAfter(after: Position, { prefixes }: StreamFilter): LogPage | undefined {
    // Most subscriptions are near the end, or far behind: neither is to look through all that others need.
    if (runs.length === 0 || runs[0]!.from > after) return undefined;
    let index = runs.findLastIndex(({ from }) => from <= after);
    if (runs[index]!.to <= after) return undefined;

    const matching: RecordedEvent[] = [];
    let position = after;
    let examined = 0;
    for (; index < runs.length && examined < PAGE_EVENTS; index += 1) {
      const run = runs[index]!;
      if (run.from > position) break;
      for (const event of run.events) {
        if (event.position > after && prefixes.some((prefix) => event.stream.startsWith(prefix))) matching.push(event);
      }
      examined += run.events.length;
      position = run.to;
    }
    return { events: matching, position, head: runs.at(-1)!.to };
  }

  return {
    add(appends, appended) {
      if (followers.size === 0) return;
      const run = runOf(appends, appended);
      if (run.events.length > 0) keep(run);
    },

    noteOthers() {
      notesOfOthers += 1;
    },

    follow(from, filter, readLog) {
      const follower: Follower = { position: from };
      followers.add(follower);
      // Before its first look at the log, a subscription does not know where the log ends.
      let notesRead = -1;
      return {
        async readPage(after) {
          follower.position = after;
          trim();
          const page = pageAfter(after, filter);
          // What others have appended meanwhile is behind the runs that are here.
          if (page) return notesRead === notesOfOthers ? page : { ...page, head: page.head + 1n };
          const notes = notesOfOthers;
          const read = await readLog(after);
          notesRead = notes;
          return read;
        },
        stop() {
          followers.delete(follower);
          trim();
        },
      };
    },
  };
}

/** The events that a call wrote. */
function runOf(appends: readonly Append[], { results, head, recordedAt }: Appended): Run {
  const events: RecordedEvent[] = [];
  let size = 0;
  let position = head;
  for (let nr = 0; nr < appends.length; nr += 1) {
    const { stream, events: appended } = appends[nr]!;
    const result = results[nr]!;
    if (!isWritten(result, head)) continue;
    let revision = result.revision - BigInt(appended.length);
    for (const event of appended) {
      revision += 1n;
      position += 1n;
      size += event.data.length + event.metadata.length;
      events.push(new AppendedEvent(event, stream, revision, position, recordedAt));
    }
  }
  return { from: head, to: position, events, size };
}

/** What was appended at or before the head was there already. */
function isWritten(result: AppendResult, head: Position): result is AppendResult & { outcome: 'appended' } {
  return result.outcome === 'appended' && result.position > head;
}
