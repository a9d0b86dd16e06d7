import {
  type ClientCommand,
  type ClientDecision,
  type ClientEvent,
  type ClientState,
  clientStream,
  decideClient,
  evolveClient,
  initialClient,
} from '../../domain/client/client.js';
import { clientEvents } from '../../event-store/event-codec.js';
import type { EventMetadata } from '../../gen/aceup/scheduler/v1/events_pb.js';
import type { AggregateKind, Aggregates, Fact } from '../streams/aggregates.js';
import { createInbox, type Inbox } from '../streams/inbox.js';
import type { Contended, Submission } from '../submission.js';

// A rough size on a 64-bit machine, with strings and the place in the list.
const RESERVATION_BYTES = 300;

/** Clients, from the events in their streams. */
export const clientKind: AggregateKind<ClientState, ClientEvent> = {
  streamOf: clientStream,
  events: clientEvents,
  initial: initialClient,
  evolve: evolveClient,
  bytesOf: ({ reservations }) => RESERVATION_BYTES * reservations.size,
  isOftenNew: true,
};

/** What became of a command at its client. Nothing was written unless it was accepted. */
export type ClientOutcome = ClientDecision | Contended;

/**
 * Takes commands for clients, by the client's id, and makes their events durable. It waits for no other inbox, so that
 * the inbox of coaches may wait for it.
 */
export type ClientInbox = Inbox<Submission<ClientCommand>, ClientOutcome>;

/**
 * An inbox over the clients.
 * @param maxWaiting how many commands may wait, of all clients together
 */
export function createClientInbox(clients: Aggregates<ClientState, ClientEvent>, maxWaiting = 10_000): ClientInbox {
  async function handle(clientHashId: string, submissions: readonly Submission<ClientCommand>[]) {
    const done = await clients.transact(clientHashId, ({ state }) => decideBatch(state, submissions));
    return done.kind === 'done' ? done.decision.decisions : submissions.map(() => done);
  }
  return createInbox<Submission<ClientCommand>, ClientOutcome>({ handle, weightOf, maxWaiting });
}

/** Decides commands one after the other, each against the state that the ones before it leave. */
function decideBatch(before: ClientState, submissions: readonly Submission<ClientCommand>[]) {
  let state = before;
  const facts: Fact<ClientEvent>[] = [];
  const decisions = submissions.map(({ command, metadata, validateOnly }) => {
    const decision = decideClient(command, state);
    if (decision.kind !== 'accepted' || validateOnly) return decision;
    for (const event of decision.events) {
      state = evolveClient(state, event);
      facts.push({ event, metadata: withoutRequest(metadata) });
    }
    return decision;
  });
  // What is in doubt counts only against the latest state: another process may have released the time.
  return { decisions, facts, state, isFinal: false };
}

/** The metadata of what a command causes in other streams: only its own events say that the request was accepted. */
export function withoutRequest(metadata: EventMetadata): EventMetadata {
  return metadata.requestId ? { ...metadata, requestId: '', requestFingerprint: '' } : metadata;
}

/** About as many as the events that the command leads to. */
function weightOf({ command }: Submission<ClientCommand>): number {
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
