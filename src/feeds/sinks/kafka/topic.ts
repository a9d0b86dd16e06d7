import { ConfigResourceTypes } from '@platformatic/kafka';
import type { KafkaClients, KafkaSettings } from './kafka-clients.js';
import { KafkaProblem } from './kafka-problem.js';

/** The topic, as the brokers know it. */
export interface Topic {
  readonly name: string;
  readonly id: string;
  /** The broker that leads each partition. */
  readonly leaders: readonly number[];
}

/** How many replicas have to have a change before it counts as written: one of them may fail. */
const SAFE = 2;

/** Finds the topic, or makes it. Throws `KafkaProblem` for one that would lose changes. */
export async function findTopic(
  { topic: name, partitions, replicas }: KafkaSettings,
  { admin }: Pick<KafkaClients, 'admin'>,
): Promise<Topic> {
  const known = await admin.listTopics({ includeInternals: false });
  const inSync = Math.min(SAFE, replicas);
  if (!known.includes(name)) {
    const configs = [{ name: 'min.insync.replicas', value: String(inSync) }];
    await admin.createTopics({ topics: [name], partitions, replicas, configs });
  }
  const { topics } = await admin.metadata({ topics: [name], forceUpdate: true });
  const { id, partitions: found } = topics.get(name)!;
  const fewest = Math.min(...found.map((partition) => partition.replicas.length));
  if (fewest < replicas) {
    throw new KafkaProblem(
      `a partition of the topic ${name} has ${fewest} replicas and SINK_KAFKA_REPLICAS asks for ${replicas}: add ` +
        'replicas with kafka-reassign-partitions, or set it to fewer',
    );
  }
  await checkConfig(name, inSync, admin);
  return { name, id, leaders: found.map(({ leader }) => leader) };
}

async function checkConfig(name: string, inSync: number, admin: KafkaClients['admin']): Promise<void> {
  const configurationKeys = ['cleanup.policy', 'min.insync.replicas'];
  const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: name, configurationKeys };
  const [described] = await admin.describeConfigs({ resources: [resource] });
  const settingOf = (key: string) => described?.configs.find((config) => config.name === key)?.value ?? '';
  if (settingOf('cleanup.policy').includes('compact')) {
    throw new KafkaProblem(
      `the topic ${name} is compacted, which removes all changes of a coach but the last: set its cleanup.policy to delete`,
    );
  }
  if (Number(settingOf('min.insync.replicas')) < inSync) {
    throw new KafkaProblem(
      `the topic ${name} has min.insync.replicas=${settingOf('min.insync.replicas')}, so that a change is lost with one ` +
        `broker: set it to ${inSync}, or set SINK_KAFKA_REPLICAS=1`,
    );
  }
}

/** How many partitions the topic has now. */
export async function countPartitions(name: string, { admin }: Pick<KafkaClients, 'admin'>): Promise<number> {
  const { topics } = await admin.metadata({ topics: [name], forceUpdate: true });
  return topics.get(name)?.partitionsCount ?? 0;
}
