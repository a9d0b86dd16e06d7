import type { RecordedEvent } from '../../src/event-store/event-store.js';
import { readEvent, type StoredEvent } from '../../src/verify/stored-events.js';
import type { World } from '../hostile/world.js';
import type { Caller } from './callers.js';

/** Of whom something is. What a coach offers has no client. */
export interface Owner {
  readonly coach: string;
  readonly client: string | undefined;
}

/** Who is meant by the ids of sessions, series, holds and time off. */
export type Owners = ReadonlyMap<string, Owner>;

/** The fields of events by which things are told apart. */
interface WithIds {
  readonly coachHashId: string;
  readonly clientHashId?: string;
  readonly sessionId?: string;
  readonly seriesId?: string;
  readonly holdId?: string;
  readonly reservationId?: string;
  readonly timeOff?: { readonly timeOffId: string };
  readonly added?: readonly { readonly timeOffId: string }[];
}

/** Whose the things are that a log tells of. */
export function ownersIn(log: readonly RecordedEvent[]): Owners {
  const owners = new Map<string, Owner>();
  for (const recorded of log) {
    const event = readEvent(recorded).event as StoredEvent & WithIds;
    const owner = { coach: event.coachHashId, client: event.clientHashId };
    const { sessionId, seriesId, holdId, reservationId, timeOff, added = [] } = event;
    const ids = [sessionId, seriesId, holdId, reservationId, timeOff?.timeOffId, ...added.map((one) => one.timeOffId)];
    for (const id of ids) if (id) owners.set(id, owner);
  }
  return owners;
}

/** Whether something is of the coach or of the client that a caller is. */
export function isOf({ coach, client }: Caller, owner: Owner | undefined): boolean {
  if (!owner) return false;
  return (coach !== undefined && owner.coach === coach) || (client !== undefined && owner.client === client);
}

/** What is left of a world when only the caller's own is in it; a kind of which the caller has nothing stays whole. */
export function ownWorld(world: World, caller: Caller, owners: Owners): World {
  const own = (ids: readonly string[]) => {
    const found = ids.filter((id) => isOf(caller, owners.get(id)));
    return found.length > 0 ? found : ids;
  };
  return {
    ...world,
    coaches: caller.coach ? [caller.coach] : world.coaches,
    clients: caller.client ? [caller.client] : world.clients,
    sessions: own(world.sessions),
    holds: own(world.holds),
    series: own(world.series),
    timeOff: own(world.timeOff),
  };
}
