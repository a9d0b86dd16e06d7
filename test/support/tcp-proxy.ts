import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server, and can lose the server's answers. */
export interface TcpProxy {
  /** The given URL, through the proxy. */
  readonly url: string;
  /**
   * Cuts the connection over which the client next sends the text, at the moment at which the server answers it: the
   * server has done the work, and the client never hears of it. Resolves when that has happened.
   */
  loseAnswerTo(text: string): Promise<void>;
  /** Cuts all connections. */
  cut(): void;
  /** Stops passing data on. Connections stay open, and new ones are accepted. */
  silence(): void;
  close(): Promise<void>;
}

/**
 * Starts a proxy to the host and port of a URL.
 * @param at the port to listen at; 0 for a free one
 */
export async function startTcpProxy(target: string, at = 0): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let silent = false;
  let loss: { text: string; lost: () => void } | undefined;

  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let losing: (() => void) | undefined;
    let said = Buffer.alloc(0);
    client.on('data', (chunk) => {
      if (silent) return;
      // The text may come in two pieces.
      said = Buffer.concat([said.subarray(-1_000), chunk]);
      if (loss && said.includes(loss.text)) {
        losing = loss.lost;
        loss = undefined;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (silent) return;
      if (!losing) return client.write(chunk);
      client.destroy();
      losing();
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await once(server.listen(at, '127.0.0.1'), 'listening');
  const url = new URL(target);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  function cut(): void {
    for (const socket of sockets) socket.destroy();
  }

  return {
    url: url.href,
    loseAnswerTo: (text) =>
      new Promise((resolve) => {
        loss = { text, lost: resolve };
      }),
    cut,
    silence: () => {
      silent = true;
    },
    close: async () => {
      server.close();
      cut();
    },
  };
}
