import { once } from 'node:events';
import { createServer } from 'node:net';
import { Correctable } from './correctable.js';

/** A door cannot listen where the settings say. */
export class CannotListen extends Correctable {
  override readonly name = 'CannotListen';
}

/** Where a door is to listen, and the variable that names its port. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly variable: 'PORT' | 'GRPC_PORT';
}

/**
 * Opens a door. Throws `CannotListen` with a sentence when the address or the port cannot be had.
 * @param listen returns what the door answers once it is open
 */
export async function listenAt<Listening>(place: Place, listen: () => Promise<Listening>): Promise<Listening> {
  try {
    // The gRPC library says less about what is wrong, and prints lines of its own.
    await tryOut(place);
    return await listen();
  } catch (error) {
    const reason = reasonOf(error, place);
    throw reason ? new CannotListen(reason, { cause: error }) : error;
  }
}

async function tryOut({ host, port }: Place): Promise<void> {
  const server = createServer().listen({ host, port });
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}

function reasonOf(error: unknown, { host, port, variable }: Place): string | undefined {
  const code = (error as NodeJS.ErrnoException).code ?? /\bE[A-Z]{5,}\b/.exec(String(error))?.[0];
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use. Stop what listens there, or set ${variable} to another port.`;
    case 'EACCES':
      return `${variable}=${port}: this user may not listen at port ${port}. Set ${variable} to a port of 1024 or more.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return (
        `HOST=${host} is a name without an address. ` +
        'Set HOST to an address of this machine: 127.0.0.1 for this machine alone, 0.0.0.0 for all networks.'
      );
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return (
        `HOST=${host} is not an address of this machine. ` +
        'Set HOST to one: 127.0.0.1 for this machine alone, 0.0.0.0 for all networks.'
      );
    default:
      return undefined;
  }
}
