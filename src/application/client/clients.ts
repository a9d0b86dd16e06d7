import {
  type ClientEvent,
  type ClientState,
  clientStream,
  evolveClient,
  initialClient,
} from '../../domain/client/client.js';
import { clientEvents } from '../../event-store/event-codec.js';
import type { Aggregate, AggregateKind, Aggregates, Fact } from '../streams/aggregates.js';

export type Client = Aggregate<ClientState>;
export type ClientFact = Fact<ClientEvent>;
export type Clients = Aggregates<ClientState, ClientEvent>;

// A rough size on a 64-bit machine, with strings and the place in the list.
const RESERVATION_BYTES = 300;

/** Clients, from the events in their streams. */
export const clientKind: AggregateKind<ClientState, ClientEvent> = {
  streamOf: clientStream,
  events: clientEvents,
  initial: initialClient,
  evolve: evolveClient,
  bytesOf: ({ reservations }) => RESERVATION_BYTES * reservations.size,
};
