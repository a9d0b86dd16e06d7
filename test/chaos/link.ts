import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The network between a service and a server, which can fail in the ways that networks do. */
export interface Link {
  readonly port: number;
  /** Cuts all connections. */
  cut(): void;
  /** Holds back what is sent, in both directions, until `heal`. */
  stall(): void;
  /** From now on the open connections lose what is sent over them. The ends are not told. */
  halfOpen(): void;
  /** As `halfOpen`, also for connections that are opened until `heal`. */
  blackhole(): void;
  /**
   * Cuts the connection over which one of the texts is sent next, when the server answers: the work is done, and the
   * service never hears of it.
   */
  loseAnswerTo(...texts: string[]): void;
  /** All is well again, but for the connections that lost something: these are cut. */
  heal(): void;
  close(): void;
}

interface Connection {
  readonly client: Socket;
  readonly upstream: Socket;
  /** It has lost something, and must not go on as if it had not. */
  isLossy: boolean;
  /** The next answer is lost, and the connection with it. */
  losesAnswer: boolean;
}

/** Opens a link to a port of this machine. */
export async function openLink(target: number): Promise<Link> {
  const connections = new Set<Connection>();
  let isStalled = false;
  let isBlackhole = false;
  let losing: readonly string[] = [];

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    const connection: Connection = { client, upstream, isLossy: isBlackhole, losesAnswer: false };
    connections.add(connection);
    client.on('data', (chunk) => {
      if (connection.isLossy) return;
      if (losing.some((text) => chunk.includes(text))) {
        losing = [];
        connection.losesAnswer = true;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (connection.isLossy) return;
      if (connection.losesAnswer) end(connection);
      else client.write(chunk);
    });
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      // The other end of a lossy connection does not hear of it.
      socket.on('close', () => connection.isLossy || end(connection));
      if (isStalled) socket.pause();
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');

  function end(connection: Connection): void {
    connections.delete(connection);
    connection.client.destroy();
    connection.upstream.destroy();
  }

  function halfOpen(): void {
    for (const connection of connections) connection.isLossy = true;
  }

  return {
    port: (server.address() as AddressInfo).port,
    cut: () => connections.forEach(end),
    stall() {
      isStalled = true;
      for (const { client, upstream } of connections) for (const socket of [client, upstream]) socket.pause();
    },
    halfOpen,
    blackhole() {
      isBlackhole = true;
      halfOpen();
    },
    loseAnswerTo(...texts) {
      losing = texts;
    },
    heal() {
      isStalled = false;
      isBlackhole = false;
      losing = [];
      for (const connection of connections) {
        if (connection.isLossy) end(connection);
        else for (const socket of [connection.client, connection.upstream]) socket.resume();
      }
    },
    close() {
      server.close();
      connections.forEach(end);
    },
  };
}
