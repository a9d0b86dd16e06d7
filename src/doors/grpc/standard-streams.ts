import { randomUUID } from 'node:crypto';
import type { Writable } from 'node:stream';
import { Code } from '@connectrpc/connect';
import { tryAgain } from '../../handlers/answer/errors.js';
import type { DoorLimits } from '../limits.js';
import { type AnyCall, addressOf, statusOf } from './grpc-calls.js';

/** The streams of the standard services, which end when their callers like. */
export interface StandardStreams {
  /** A handler of streams of which an address has so many open at once: further ones get RATE_LIMITED. */
  limited<Stream extends StandardStream>(handle: (stream: Stream) => void): (stream: Stream) => void;
  /** Ends those that are open, and those that still begin: what was written to them, then UNAVAILABLE. */
  end(): void;
}

/** A stream as grpc-js gives it to a handler. */
type StandardStream = AnyCall & Pick<Writable, 'write'>;

/** Keeps the streams of the standard services that are open. */
export function createStandardStreams({
  callerOf,
  openStream,
}: Pick<DoorLimits, 'callerOf' | 'openStream'>): StandardStreams {
  const open = new Set<StandardStream>();
  let haveEnded = false;

  return {
    limited: (handle) => (stream) => {
      try {
        if (haveEnded) throw stopping();
        const leave = openStream(addressOf(stream, callerOf));
        open.add(stream);
        // grpc-js emits it at the end of every call.
        stream.once('cancelled', () => {
          open.delete(stream);
          leave();
        });
      } catch (error) {
        fail(stream, error);
        return;
      }
      handle(stream);
    },

    end() {
      haveEnded = true;
      for (const stream of open) {
        fail(stream, stopping());
        // While the caller has yet to take what was written, grpc-js would make a status of a further write.
        stream.write = () => false;
      }
    },
  };
}

const stopping = () => tryAgain(Code.Unavailable, 'the service is stopping');

/** grpc-js ends the stream with the status that this event carries. */
function fail(stream: StandardStream, error: unknown): void {
  stream.emit('error', statusOf(error, randomUUID()));
}
