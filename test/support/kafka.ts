import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onTestFinished, vi } from 'vitest';
import { freePort } from '../../src/embedded-postgres/port.js';

/** A record, as the client of Java reads it. */
export interface JavaRecord {
  readonly partition: number;
  /** The partition that Java's default partitioner gives to the key. */
  readonly partitionOfKey: number;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Brokers of Kafka on this machine, each of which is a controller, too. */
export interface Kafka {
  /** `127.0.0.1:9092`, comma-separated. */
  readonly brokers: string;
  /** Sends a signal to a broker, and waits for the end when the signal ends it. */
  signal(broker: number, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Starts a broker that was killed, with its data. */
  restart(broker: number): Promise<void>;
  /** What the client of Java reads: the committed records of a topic, partition by partition. */
  read(topic: string): Promise<readonly JavaRecord[]>;
}

const VERSION = /<version>(4\..*)<\/version>/.exec(
  readFileSync(new URL('kafka/pom.xml', import.meta.url), 'utf8'),
)?.[1];

/** The class path of the broker and of its tools. */
export const KAFKA_JARS = join(
  process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
  'session-scheduler',
  `kafka-${VERSION}`,
  '*',
);

/** What a broker starts twice as fast with: see archive-classes.sh. */
const CLASSES = join(KAFKA_JARS, '../classes.jsa');

/** Why there is no Kafka for tests; undefined when there is. */
export const NO_KAFKA = whyNot();

function whyNot(): string | undefined {
  const leftOut = 'tests of Kafka are left out:';
  if (spawnSync('javac', ['-version']).error)
    return `${leftOut} no JDK is installed (apt-get install default-jdk-headless)`;
  return existsSync(join(KAFKA_JARS, '..'))
    ? undefined
    : `${leftOut} its jars are not here (test/support/kafka/install.sh)`;
}

if (NO_KAFKA) console.warn(NO_KAFKA);

/** What a broker of one test needs, rather than one that serves thousands. */
const SMALL = {
  'num.network.threads': 1,
  'num.io.threads': 2,
  'background.threads': 2,
  'log.cleaner.enable': true,
  'log.cleaner.dedupe.buffer.size': 2_097_152,
  'offsets.topic.num.partitions': 1,
  'transaction.state.log.num.partitions': 1,
  'group.initial.rebalance.delay.ms': 0,
  'auto.create.topics.enable': false,
  'controller.quorum.election.timeout.ms': 500,
  'controller.quorum.fetch.timeout.ms': 1_000,
  'broker.session.timeout.ms': 2_000,
  'broker.heartbeat.interval.ms': 500,
  'controlled.shutdown.enable': false,
};

/** How to start brokers. */
export interface KafkaOptions {
  /** How many: one or three. */
  readonly brokers?: number;
  /** What clients speak with the brokers. */
  readonly protocol?: 'PLAINTEXT' | 'SASL_PLAINTEXT' | 'SSL';
  /** Further lines of `server.properties`. */
  readonly properties?: Readonly<Record<string, string | number>>;
  /** Called when no one needs them any more. By default: when the test has finished. */
  readonly onEnd?: (end: () => Promise<void>) => void;
}

/** Starts brokers for a test or a file of tests: some seconds. */
export async function startKafka({
  brokers = 1,
  protocol = 'PLAINTEXT',
  properties = {},
  onEnd = onTestFinished,
}: KafkaOptions = {}): Promise<Kafka> {
  const directory = await mkdtemp(join(tmpdir(), 'scheduler-kafka-'));
  const nodes = await Promise.all(
    Array.from({ length: brokers }, async (_, id) => ({ id, port: await freePort(), controller: await freePort() })),
  );
  const servers: (ChildProcess | undefined)[] = [];
  let reader: Reader | undefined;
  onEnd(async () => {
    reader?.end();
    await Promise.all(servers.map((server) => server && end(server)));
    await rm(directory, { recursive: true, maxRetries: 3 });
  });
  const voters = nodes.map(({ id, controller }) => `${id}@127.0.0.1:${controller}`).join();
  const clusterId = 'c2NoZWR1bGVyLXRlc3RzIQ';

  const fileOf = (id: number) => join(directory, `${id}.properties`);
  const logOf = (id: number) => join(directory, `${id}.log`);
  const launch = (id: number) => {
    servers[id] = spawn('sh', ['-c', 'exec java "$@" >>"$0" 2>&1', logOf(id), ...JAVA, 'kafka.Kafka', fileOf(id)], {
      stdio: 'ignore',
    });
  };

  for (const { id, port, controller } of nodes) {
    const all = {
      'process.roles': 'broker,controller',
      'node.id': id,
      'controller.quorum.voters': voters,
      'controller.listener.names': 'CONTROLLER',
      listeners: `${protocol}://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
      'listener.security.protocol.map':
        'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL',
      'inter.broker.listener.name': protocol,
      'log.dirs': join(directory, `${id}`),
      'default.replication.factor': brokers,
      'offsets.topic.replication.factor': brokers,
      'transaction.state.log.replication.factor': brokers,
      'transaction.state.log.min.isr': Math.min(2, brokers),
      'share.coordinator.state.topic.replication.factor': brokers,
      'share.coordinator.state.topic.min.isr': 1,
      ...SMALL,
      ...properties,
    };
    await writeFile(
      fileOf(id),
      Object.entries(all)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(''),
    );
  }
  await Promise.all(
    nodes.map(({ id }) =>
      promisify(execFile)('java', [
        ...JAVA,
        'kafka.tools.StorageTool',
        'format',
        '-t',
        clusterId,
        '-c',
        fileOf(id),
        '--ignore-formatted',
      ]),
    ),
  );
  for (const { id } of nodes) launch(id);
  const started = (id: number) =>
    vi.waitUntil(
      () => {
        if (servers[id]!.exitCode !== null) throw new Error(`broker ${id} ended:\n${readFileSync(logOf(id), 'utf8')}`);
        return existsSync(logOf(id)) && readFileSync(logOf(id), 'utf8').includes('Kafka Server started');
      },
      { timeout: 60_000, interval: 50 },
    );
  await Promise.all(nodes.map(({ id }) => started(id)));

  const all = nodes.map(({ port }) => `127.0.0.1:${port}`).join();
  return {
    brokers: all,
    async signal(id, name) {
      if (name === 'SIGKILL') await end(servers[id]!);
      else servers[id]!.kill(name);
    },
    async restart(id) {
      await rm(logOf(id));
      launch(id);
      await started(id);
    },
    read: (topic) => {
      reader ??= startReader(all);
      return reader.read(topic);
    },
  };
}

// Quick to start, small, and not in the way of what is tested.
const JAVA = [
  '-Xmx256m',
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  '-Xshare:auto',
  ...(existsSync(CLASSES) ? [`-XX:SharedArchiveFile=${CLASSES}`] : []),
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=info',
  '-cp',
  KAFKA_JARS,
];

/** The client of Java, at work. */
interface Reader {
  read(topic: string): Promise<readonly JavaRecord[]>;
  end(): void;
}

function startReader(brokers: string): Reader {
  const program = fileURLToPath(new URL('kafka/ReadTopic.java', import.meta.url));
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=off';
  const child = spawn('java', [...JAVA.filter((option) => !option.includes('simpleLogger')), quiet, program, brokers], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();
  const ask = async (topic: string) => {
    child.stdin.write(`${topic}\n`);
    const { value, done } = await answers.next();
    if (done) throw new Error('the client of Java ended');
    const answer = JSON.parse(value) as readonly JavaRecord[] | { readonly error: string };
    if ('error' in answer) throw new Error(answer.error);
    return answer;
  };
  return {
    read: (topic) => {
      const asked = last.then(() => ask(topic));
      last = asked.catch(() => {});
      return asked;
    },
    end: () => child.kill('SIGKILL'),
  };
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
}
