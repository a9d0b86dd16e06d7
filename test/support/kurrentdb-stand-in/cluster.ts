import { notLeader } from './errors.js';
import { createEventLog } from './event-log.js';
import { type KurrentdbStandIn, startKurrentdbStandIn } from './stand-in.js';

/** Nodes that share a log. One of those that are up leads; the others refuse what only a leader may do. */
export interface Cluster {
  readonly nodes: readonly KurrentdbStandIn[];
  /** The nodes as a URL lists them: `127.0.0.1:1,127.0.0.1:2,127.0.0.1:3`. */
  readonly hosts: string;
  readonly leader: KurrentdbStandIn;
  /** A node dies. If it was the leader, the next one leads. */
  lose(node: KurrentdbStandIn): Promise<void>;
  /** The node is back, as a follower. */
  regain(node: KurrentdbStandIn): Promise<void>;
  stop(): Promise<void>;
}

/** A cluster of three whose first node leads. */
export async function startCluster(): Promise<Cluster> {
  const log = createEventLog();
  const nodes: KurrentdbStandIn[] = [];
  for (let nr = 0; nr < 3; nr++) nodes.push(await startKurrentdbStandIn({ log }));
  const down = new Set<KurrentdbStandIn>();
  let leader = nodes[0]!;

  function elect(next: KurrentdbStandIn): void {
    leader = next;
    const members = nodes.map((node) => {
      return { host: node.host, port: node.port, isLeader: node === leader, isAlive: !down.has(node) };
    });
    for (const node of nodes) {
      node.members = members;
      node.faults = node === leader ? {} : { call: () => notLeader(leader) };
    }
  }
  elect(leader);

  return {
    nodes,
    hosts: nodes.map(({ host, port }) => `${host}:${port}`).join(),
    get leader() {
      return leader;
    },
    lose: async (node) => {
      await node.die('kept');
      down.add(node);
      const after = [...nodes.slice(nodes.indexOf(node)), ...nodes];
      elect(node === leader ? after.find((one) => !down.has(one))! : leader);
    },
    regain: async (node) => {
      await node.comeBack();
      down.delete(node);
      elect(leader);
    },
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}
