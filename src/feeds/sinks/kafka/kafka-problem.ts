/** The service cannot fill the topic. The message is for the operator, without secrets. */
export class KafkaProblem extends Error {
  override readonly name = 'KafkaProblem';
}

/** What the answers of brokers mean, by their names in the protocol of Kafka. */
const ANSWERS: Readonly<Record<string, string>> = {
  SASL_AUTHENTICATION_FAILED: 'Kafka refuses SINK_KAFKA_USERNAME or SINK_KAFKA_PASSWORD',
  UNSUPPORTED_SASL_MECHANISM: 'Kafka does not know the mechanism in SINK_KAFKA_SASL',
  ILLEGAL_SASL_STATE: 'Kafka does not expect SASL there: leave SINK_KAFKA_SASL out, or name the port that wants it',
  TOPIC_AUTHORIZATION_FAILED:
    'Kafka does not let SINK_KAFKA_USERNAME read, write, describe or create the topic in SINK_KAFKA_TOPIC',
  CLUSTER_AUTHORIZATION_FAILED: 'Kafka does not let SINK_KAFKA_USERNAME create the topic: create it yourself',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    'Kafka does not let SINK_KAFKA_USERNAME write transactions whose id begins with session-scheduler.',
  NOT_ENOUGH_REPLICAS: 'too few replicas of the topic are in sync: min.insync.replicas asks for more',
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 'too few replicas of the topic are in sync: min.insync.replicas asks for more',
  OFFSET_NOT_AVAILABLE: 'too few replicas of the topic are in sync for a new leader to know where it ends',
  INVALID_REPLICATION_FACTOR:
    'Kafka has fewer brokers than SINK_KAFKA_REPLICAS asks for: start more of them, or set it to how many there are',
  POLICY_VIOLATION: 'a policy of the brokers forbids to create the topic: create it yourself',
  INVALID_TOPIC_EXCEPTION: 'SINK_KAFKA_TOPIC is not a name that Kafka takes',
  PRODUCER_FENCED: 'another process fills the topic now',
  INVALID_PRODUCER_EPOCH: 'another process fills the topic now',
  CONCURRENT_TRANSACTIONS:
    'the transaction before has not ended: its coordinator is busy, or too few replicas of the topic are in sync',
  TRANSACTION_ABORTABLE: 'Kafka aborted the transaction',
  UNKNOWN_TOPIC_OR_PARTITION: 'the topic in SINK_KAFKA_TOPIC is gone',
  COORDINATOR_NOT_AVAILABLE: 'Kafka has no coordinator for transactions yet, or too few brokers for one',
  LEADER_NOT_AVAILABLE: 'a partition of the topic has no leader',
};

/** An error of the client, as far as it is looked at. */
interface ClientError {
  readonly apiId?: string;
  readonly code?: string;
  readonly errors?: readonly unknown[];
  readonly cause?: unknown;
}

/** The error in a sentence: the client nests what a broker answered, and what a socket said. */
export function kafkaProblem(error: unknown): Error {
  const all = [...within(error)];
  const own = all.find((one) => one instanceof KafkaProblem);
  if (own) return own as KafkaProblem;
  const answers = all.flatMap(({ apiId }) => apiId ?? []);
  const known = answers.find((apiId) => ANSWERS[apiId] !== undefined);
  if (known) return new KafkaProblem(`${ANSWERS[known]} (${known})`);
  if (all.some(({ code }) => code === 'PLT_KFK_AUTHENTICATION')) {
    return new KafkaProblem('Kafka refuses to authenticate the service: look at SINK_KAFKA_SASL and what goes with it');
  }
  if (answers[0]) return new KafkaProblem(`Kafka answers ${answers[0]}`);
  const broken = all.flatMap(({ code }) => (code && !code.startsWith('PLT_') ? code : []))[0];
  if (broken) return new KafkaProblem(`the connection to Kafka failed: ${broken}`);
  if (all.some(({ code }) => code === 'PLT_KFK_TIMEOUT')) return new KafkaProblem('Kafka gave no answer in time');
  if (all.some(({ code }) => code === 'PLT_KFK_NETWORK')) return new KafkaProblem('the connection to Kafka was closed');
  return error as Error;
}

function* within(error: unknown): Generator<ClientError> {
  if (typeof error !== 'object' || error === null) return;
  const one = error as ClientError;
  yield one;
  for (const inner of one.errors ?? []) yield* within(inner);
  yield* within(one.cause);
}
