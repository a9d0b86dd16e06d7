import type { IGossipServer } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import type { IServerFeaturesServer } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';

/** A node of a cluster. */
export interface Member {
  readonly host: string;
  readonly port: number;
  readonly isLeader: boolean;
  /** Whether the others hear of it. Default: true. */
  readonly isAlive?: boolean;
}

/** Answers which nodes the cluster has. */
export function gossipCalls(members: () => readonly Member[]): IGossipServer {
  const { LEADER, FOLLOWER } = gossip.MemberInfo.VNodeState;
  return {
    read: (_, callback) => {
      const list = members().map(({ host, port, isLeader, isAlive = true }) =>
        new gossip.MemberInfo()
          .setInstanceId(new shared.UUID().setString(crypto.randomUUID()))
          .setState(isLeader ? LEADER : FOLLOWER)
          .setIsAlive(isAlive)
          .setHttpEndPoint(new gossip.EndPoint().setAddress(host).setPort(port)),
      );
      callback(null, new gossip.ClusterInfo().setMembersList(list));
    },
  };
}

const STREAMS = 'event_store.client.streams.streams';

/** Tells which methods the node has. */
export const serverFeaturesCalls: IServerFeaturesServer = {
  getSupportedMethods: (_, callback) => {
    const methods = ['read', 'append', 'delete', 'tombstone', 'batchappend'].map((name) =>
      new features.SupportedMethod().setServiceName(STREAMS).setMethodName(name),
    );
    callback(null, new features.SupportedMethods().setMethodsList(methods).setEventStoreServerVersion('24.6.0'));
  },
};
