import type { handleServerStreamingCall, Server } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { StandardStreams } from './standard-streams.js';

/** The standard health service of a gRPC server. */
export interface Health {
  /** What it answers for the server and for each service. `NOT_SERVING` at first. */
  setServing(serving: boolean): void;
}

/**
 * Adds the standard health service to a server. Anybody may watch it, over so many streams at once.
 * @param services the full names of the other services
 */
export function serveHealth(server: Server, services: Iterable<string>, streams: StandardStreams): Health {
  const names = new Set(['', ...services]);
  const health = new HealthImplementation();
  health.addToServer(forNames(names, server, streams));

  function setServing(serving: boolean): void {
    for (const name of names) health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
  }
  setServing(false);
  return { setServing };
}

type Watch = handleServerStreamingCall<{ service: string }, { status: string }>;

/**
 * The server, for the health service: watchers of names other than these are not given to it. It keeps every name that was
 * ever watched, of any length, and anybody may watch.
 */
function forNames(names: ReadonlySet<string>, server: Server, streams: StandardStreams): Server {
  const addService: Server['addService'] = (definition, handlers) => {
    const { watch } = handlers as unknown as { watch: Watch };
    const watchKnown: Watch = (call) => {
      if (names.has(call.request.service)) watch(call);
      // The names never change: there is nothing more to tell.
      else call.write({ status: 'SERVICE_UNKNOWN' });
    };
    server.addService(definition, { ...handlers, watch: streams.limited(watchKnown) });
  };
  return { addService } as Server;
}
