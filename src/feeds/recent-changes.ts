import type { Change, ChangeEvent, ChangeFilter } from '../application/change-feed.js';
import type { Position } from '../event-store/event-store.js';

/** Who wants to know of changes at once. */
export interface Listener {
  readonly filter: ChangeFilter;
  /** Gets a change that meets the filter. */
  tell(change: Change): void;
  /** Everything up to the position was told. */
  reached(): void;
}

/** The newest changes of the log, and who listens to what comes. */
export interface RecentChanges {
  /** Every change after this position (exclusive) is here. */
  readonly oldest: Position;
  /** Every change up to this position (inclusive) was added. */
  readonly newest: Position;
  /** Adds what comes next, and tells the listeners: each of them once, however many changes there are for it. */
  add(changes: readonly Change[], position: Position): void;
  /** The changes after a position that is not before `oldest`, in order. */
  after(position: Position): readonly Change[];
  listen(listener: Listener): void;
  /** Does nothing when it does not listen. */
  unlisten(listener: Listener): void;
}

/** So much more than is kept there may be before the oldest changes are dropped. */
const SLACK = 1.25;

/**
 * @param start the position from which on changes will be added
 * @param limit how much is kept, by weight: a quarter more at most, and what comes at once
 */
export function createRecentChanges(start: Position, limit: number): RecentChanges {
  let changes: Change[] = [];
  let weight = 0;
  let oldest = start;
  let newest = start;
  // A change looks up who listens to its coach or its client, rather than ask a thousand listeners.
  const ofCoaches = new Map<string, Set<Listener>>();
  const ofClients = new Map<string, Set<Listener>>();
  const ofAll = new Set<Listener>();

  function drop(): void {
    let count = 0;
    for (; weight > limit; count += 1) weight -= weightOf(changes[count]!);
    oldest = changes[count - 1]!.position;
    changes = changes.slice(count);
  }

  function tell(change: Change, told: Set<Listener>): void {
    const { coachHashId } = change.event;
    const client = clientOf(change);
    const among = [ofAll, ofCoaches.get(coachHashId), client === undefined ? undefined : ofClients.get(client)];
    for (const listeners of among) {
      for (const listener of listeners ?? []) {
        if (!meets(change, listener.filter)) continue;
        listener.tell(change);
        told.add(listener);
      }
    }
  }

  return {
    get oldest() {
      return oldest;
    },
    get newest() {
      return newest;
    },

    add(added, position) {
      newest = position;
      for (const change of added) {
        changes.push(change);
        weight += weightOf(change);
      }
      // Not with every change: what is dropped moves the others.
      if (weight > SLACK * limit) drop();
      const told = new Set<Listener>();
      for (const change of added) tell(change, told);
      for (const listener of told) listener.reached();
    },

    after(position) {
      let [low, high] = [0, changes.length];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (changes[middle]!.position > position) high = middle;
        else low = middle + 1;
      }
      return changes.slice(low);
    },

    listen(listener) {
      const { coachHashId, clientHashId } = listener.filter;
      if (coachHashId !== undefined) addTo(ofCoaches, coachHashId, listener);
      else if (clientHashId !== undefined) addTo(ofClients, clientHashId, listener);
      else ofAll.add(listener);
    },

    unlisten(listener) {
      const { coachHashId, clientHashId } = listener.filter;
      if (coachHashId !== undefined) removeFrom(ofCoaches, coachHashId, listener);
      else if (clientHashId !== undefined) removeFrom(ofClients, clientHashId, listener);
      else ofAll.delete(listener);
    },
  };
}

/** What a change takes in memory: 1, about a kilobyte, and more for one with long lists. */
export function weightOf({ event }: Change): number {
  return 1 + itemsIn(event) / ITEMS;
}

/** So many times off, or hours of a day, take a kilobyte. */
const ITEMS = 10;

function itemsIn(event: ChangeEvent): number {
  if (event.type === 'TimeOffSynced') return event.added.length + event.removed.length;
  if (event.type !== 'AvailabilitySet') return 0;
  const { weekly, dates, outside } = event;
  return dates.reduce((sum, { hours }) => sum + 1 + hours.length, weekly.length + outside.length);
}

/** The client whom a change concerns; undefined for the times that a coach offers. */
export function clientOf({ event }: Change): string | undefined {
  return 'clientHashId' in event ? event.clientHashId : undefined;
}

/** Whether a change meets a filter. */
export function meets(change: Change, { coachHashId, clientHashId, types }: ChangeFilter): boolean {
  if (coachHashId !== undefined && change.event.coachHashId !== coachHashId) return false;
  if (clientHashId !== undefined && clientOf(change) !== clientHashId) return false;
  return types === undefined || types.has(change.event.type);
}

function addTo(sets: Map<string, Set<Listener>>, key: string, listener: Listener): void {
  const listeners = sets.get(key) ?? new Set();
  sets.set(key, listeners.add(listener));
}

function removeFrom(sets: Map<string, Set<Listener>>, key: string, listener: Listener): void {
  const listeners = sets.get(key);
  listeners?.delete(listener);
  if (listeners?.size === 0) sets.delete(key);
}
