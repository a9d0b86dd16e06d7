import type { CoachState } from '../domain/coach/coach.js';
import type { ZoneRules } from '../domain/zones/zone-rules.js';
import type { EventStore } from '../event-store/event-store.js';
import { allowClientOverlap } from './client/allow-overlap.js';
import { type Commands, createCommands } from './client/book.js';
import { clientKind, createClientInbox } from './client/client-inbox.js';
import { refuseClientOverlap } from './client/reserve.js';
import { createSettle, type SettleParts } from './client/settle.js';
import { createAskCoach } from './coach/ask-coach.js';
import { coachKind, createCoachInbox } from './coach/coach-inbox.js';
import type { LookAtCoach } from './coach/look.js';
import { createRequestLedger, type RequestIndex } from './coach/requests.js';
import { createAggregates, type StateSource } from './streams/aggregates.js';

/** What the command side needs. */
export interface CommandSideParts extends Pick<SettleParts, 'patience' | 'waiting'> {
  readonly store: EventStore;
  readonly requests: RequestIndex;
  readonly zoneRules: ZoneRules;
  /** Gives ids for events and reservations. */
  readonly newId: () => string;
  /** Whether a client may be in two sessions at once. */
  readonly clientOverlap: 'refuse' | 'allow';
  /** The most memory for coaches and for clients in the cache, in bytes. */
  readonly coachBytes: number;
  readonly clientBytes: number;
  /** Where states of coaches are kept; without it every coach is read from the first event on. */
  readonly coachStates?: StateSource<CoachState>;
  /** Called with the error when a client's time could not be released at once. Whoever needs the time settles it. */
  readonly onReleaseFailed: (error: unknown) => void;
}

/** Carries commands out, and looks at coaches as commands find them. */
export interface CommandSide extends Commands {
  readonly look: LookAtCoach;
  /** Whether a client may be in two sessions at once. */
  readonly clientOverlap: CommandSideParts['clientOverlap'];
}

/** Everything that carries commands out, over a store of events. */
export function createCommandSide(parts: CommandSideParts): CommandSide {
  const { store, newId, clientOverlap, onReleaseFailed, patience, waiting } = parts;
  const clients = createClientInbox(createAggregates({ kind: clientKind, store, newId, maxBytes: parts.clientBytes }));
  const rule =
    clientOverlap === 'refuse'
      ? refuseClientOverlap({ clients, newId, onReleaseFailed })
      : allowClientOverlap({ clients, onReleaseFailed });
  const coaches = createCoachInbox({
    store,
    coaches: createAggregates({
      kind: coachKind,
      store,
      newId,
      maxBytes: parts.coachBytes,
      states: parts.coachStates,
    }),
    rule,
    ledger: createRequestLedger(parts.requests),
    zoneRules: parts.zoneRules,
  });
  const settle = createSettle({ clients, askCoach: createAskCoach(coaches), patience, waiting });
  return { ...createCommands({ submitToCoach: coaches.submit, rule, settle }), look: coaches.look, clientOverlap };
}
