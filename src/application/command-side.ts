import type { CoachState } from '../domain/coach/coach.js';
import type { EventStore } from '../event-store/event-store.js';
import { createClientInbox } from './client/client-inbox.js';
import { clientKind } from './client/clients.js';
import { createCoachInbox } from './coach/coach-inbox.js';
import { coachKind } from './coach/coaches.js';
import { type Commands, type CommandsParts, createCommands } from './commands.js';
import type { RequestIndex } from './coach/requests.js';
import { createRequestLedger } from './coach/requests.js';
import type { SnapshotKeeper } from './snapshots/snapshot-keeper.js';
import { createAggregates } from './streams/aggregates.js';

/** What the command side needs. */
export interface CommandSideParts extends Pick<CommandsParts, 'patience' | 'waiting'> {
  readonly store: EventStore;
  readonly requests: RequestIndex;
  /** Gives ids for events and reservations. */
  readonly newId: () => string;
  /** Bounds on the memory of the coaches and the clients that are held ready, in bytes. */
  readonly coachBytes: number;
  readonly clientBytes: number;
  /** Spares reading the whole past of coaches; without it they are read from their first event on. */
  readonly coachKeeper?: SnapshotKeeper<CoachState>;
  /** Told when a client's time could not be let go of at once; it will be by whoever needs it. */
  readonly onLeftBehind: (error: unknown) => void;
}

/** All that carries commands out, over a store of events. */
export function createCommandSide(parts: CommandSideParts): Commands {
  const { store, newId, onLeftBehind } = parts;
  const clients = createClientInbox({ store, clients: createAggregates(clientKind, store, parts.clientBytes), newId });
  const coaches = createCoachInbox({
    store,
    coaches: createAggregates(coachKind, store, parts.coachBytes, parts.coachKeeper),
    clients,
    ledger: createRequestLedger(parts.requests),
    newId,
    onLeftBehind,
  });
  return createCommands({ ...parts, coaches, clients });
}
