import {
  type Blocked,
  type ClientCommand,
  type ClientDecision,
  decideClient,
  type Reservation,
} from '../../domain/client/client.js';
import type { EventStore } from '../../event-store/event-store.js';
import type { EventMetadata } from '../../gen/aceup/scheduler/v1/events_pb.js';
import { createInbox, type Inbox } from '../streams/inbox.js';
import type { ClientFact, Clients } from './clients.js';
import { clientKind } from './clients.js';

/** A command on its way to a client. */
export interface ClientSubmission {
  readonly command: ClientCommand;
  /** Without a `requestId`: those are the coaches'. */
  readonly metadata: EventMetadata;
  readonly validateOnly: boolean;
  readonly signal: AbortSignal;
}

/** What became of a command at its client. Nothing was written unless it was accepted. */
export type ClientOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'blocked'; readonly blocked: readonly Blocked[] }
  | { readonly kind: 'quota'; readonly clientHashId: string; readonly holds: readonly Reservation[] }
  | { readonly kind: 'contended' };

/**
 * Where commands for clients go, by the client's id. As the coaches' inbox; it waits for no other inbox, so that those
 * may wait for it.
 */
export type ClientInbox = Inbox<ClientSubmission, ClientOutcome>;

/** What the inbox needs. */
export interface ClientInboxParts {
  readonly store: EventStore;
  readonly clients: Clients;
  /** Gives ids for events. */
  readonly newId: () => string;
  readonly maxWaiting?: number;
  /** How often a batch is decided before it gives up against other writers. */
  readonly maxAttempts?: number;
}

/** An inbox over a store of events. */
export function createClientInbox(parts: ClientInboxParts): ClientInbox {
  const { store, clients, newId, maxWaiting = 10_000, maxAttempts = 20 } = parts;

  async function handle(clientHashId: string, submissions: readonly ClientSubmission[]): Promise<ClientOutcome[]> {
    let { aggregate: client, current } = await clients.load(clientHashId);

    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      let { state } = client;
      const facts: ClientFact[] = [];
      const decisions = submissions.map(({ command, metadata, validateOnly }): ClientDecision => {
        const decision = decideClient(command, state);
        if (decision.kind !== 'accepted' || validateOnly) return decision;
        state = decision.events.reduce(clientKind.evolve, state);
        facts.push(...decision.events.map((event) => ({ event, metadata })));
        return decision;
      });

      if (facts.length === 0) {
        // It counts only against the latest state: another process may have freed the time.
        if (current || !(await clients.catchUp(client))) return decisions;
        current = true;
        continue;
      }

      const events = facts.map(({ event, metadata }) => clientKind.events.encode(newId(), event, metadata));
      const result = await store.append(clientKind.streamOf(clientHashId), client.revision, events);
      if (result.outcome === 'appended') {
        clients.advance(client, facts, result.position);
        return decisions;
      }
      await clients.catchUp(client);
      current = true;
    }
    return submissions.map(() => ({ kind: 'contended' }));
  }

  return createInbox({ handle, weightOf: ({ command }) => weightOf(command), maxWaiting });
}

function weightOf(command: ClientCommand): number {
  switch (command.type) {
    case 'ReserveTime':
      return command.wanted.length;
    case 'ReleaseTime':
      return command.reservations.length;
    case 'ConfirmReservation':
      return 1;
    default:
      return command satisfies never;
  }
}
