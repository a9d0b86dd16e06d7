import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { appendCall } from './append-call.js';
import { batchAppendCall } from './batch-append-call.js';
import { gossipCalls, type Member, serverFeaturesCalls } from './cluster-calls.js';
import { compressAnswers } from './compression.js';
import { deleteCalls } from './delete-calls.js';
import { createEventLog, type EventLog } from './event-log.js';
import type { Faults } from './faults.js';
import type { Node } from './node.js';
import { readCall } from './read-call.js';

/** A server that speaks the protocol of a KurrentDB node, keeps its log in memory, and fails on demand. */
export interface KurrentdbStandIn {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly log: EventLog;
  /** The paths of the calls that were answered with compressed messages. */
  readonly compressed: ReadonlySet<string>;
  /** What goes wrong from now on. */
  faults: Faults;
  /** The cluster that the node reports; by default itself as the leader. */
  members: readonly Member[];
  /** Cuts all connections. */
  cut(): void;
  /** Answers nothing more over the connections that are open now, and keeps them open. */
  mute(): void;
  /** Dies with all connections; what was written but not committed is kept or lost. */
  die(tail: 'kept' | 'lost'): Promise<void>;
  /** Comes back on the same port. */
  comeBack(): Promise<void>;
  /** Dies and comes back. */
  restart(tail: 'kept' | 'lost', millisecondsAway?: number): Promise<void>;
  stop(): Promise<void>;
}

/** What a stand-in is. */
export interface StandInOptions {
  /** The log of the node; the nodes of a cluster share one. */
  readonly log?: EventLog;
  /** Whether it speaks TLS, with the certificate in `CERTIFICATE`. */
  readonly tls?: boolean;
}

/** The path of a certificate for 127.0.0.1 that no authority signed. Its key is public: it is for tests only. */
export const CERTIFICATE = pathOf('certificate.pem');

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

/** Milliseconds from a write to its commit; writes that arrive in the meantime are committed together. */
const COMMIT_INTERVAL = 1;

/** Milliseconds after which an append is given up whose commit is not seen; 2 s in a real node. */
const COMMIT_TIMEOUT = 200;

/** Milliseconds before its death in which a node still writes, and commits nothing any more. */
const LAST_WRITES = 5;

const NEVER = new Promise<never>(() => {});

/** A node that listens, the only one of its cluster. */
export async function startKurrentdbStandIn(options: StandInOptions = {}): Promise<KurrentdbStandIn> {
  const { log = createEventLog(), tls = false } = options;
  const host = '127.0.0.1';
  const sockets = new Map<string, Socket>();
  const muted = new Set<string>();
  const compressed = new Set<string>();
  let committing: Promise<void> | undefined;
  let dying = false;

  const node: Node = {
    log,
    fault: (method, peer) => (muted.has(peer) ? 'silentBefore' : standIn.faults.call?.(method)),
    deliveryFault: (kind, peer) => {
      if (muted.has(peer)) return 'silent';
      return kind === 'event' ? standIn.faults.delivery?.() : undefined;
    },
    committed: () => {
      committing ??= sleep(COMMIT_INTERVAL).then(() => {
        committing = undefined;
        if (dying) return NEVER;
        log.commit();
        return undefined;
      });
      return committing;
    },
    commitTimeout: () => sleep(COMMIT_TIMEOUT),
    cut: (peer) => void sockets.get(peer)?.destroy(),
  };

  const grpc = new Server({ 'grpc.max_receive_message_length': -1 });
  grpc.addService(StreamsService, {
    read: readCall(node),
    append: appendCall(node),
    batchAppend: batchAppendCall(node),
    ...deleteCalls(node),
  });
  grpc.addService(GossipService, { ...gossipCalls(() => standIn.members) });
  grpc.addService(ServerFeaturesService, serverFeaturesCalls);
  const connections = grpc.createConnectionInjector(tls ? withCertificate() : ServerCredentials.createInsecure());
  compressAnswers(grpc, (path) => compressed.add(path));

  const listener = createServer((socket) => {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    sockets.set(peer, socket);
    socket.on('close', () => sockets.delete(peer));
    socket.on('error', () => {});
    connections.injectConnection(socket);
  });
  await once(listener.listen(0, host), 'listening');
  const { port } = listener.address() as AddressInfo;

  const cut = () => {
    for (const socket of sockets.values()) socket.destroy();
  };

  const standIn: KurrentdbStandIn = {
    url: `esdb://${host}:${port}?${tls ? `tlsCAFile=${CERTIFICATE}` : 'tls=false'}`,
    host,
    port,
    log,
    compressed,
    faults: {},
    members: [{ host, port, isLeader: true }],
    cut,
    mute: () => {
      for (const peer of sockets.keys()) muted.add(peer);
    },
    die: async (tail) => {
      dying = true;
      await sleep(LAST_WRITES);
      listener.close();
      cut();
      if (tail === 'kept') log.commit();
      log.crash();
      dying = false;
    },
    comeBack: async () => {
      await once(listener.listen(port, host), 'listening');
    },
    restart: async (tail, millisecondsAway = 0) => {
      await standIn.die(tail);
      await sleep(millisecondsAway);
      await standIn.comeBack();
    },
    stop: async () => {
      listener.close();
      cut();
      grpc.forceShutdown();
    },
  };
  return standIn;
}

function withCertificate(): ServerCredentials {
  const pair = { private_key: readFileSync(pathOf('key.pem')), cert_chain: readFileSync(CERTIFICATE) };
  return ServerCredentials.createSsl(null, [pair]);
}
