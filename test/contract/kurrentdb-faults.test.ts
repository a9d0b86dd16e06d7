import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import pino from 'pino';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type EventStore, NO_STREAM, START, StoreUnavailable } from '../../src/event-store/event-store.js';
import { prepareAppend } from '../../src/event-store/kurrentdb/append.js';
import { createKurrentdbClient } from '../../src/event-store/kurrentdb/kurrentdb-client.js';
import {
  type KurrentdbEventStoreOptions,
  openKurrentdbEventStore,
} from '../../src/event-store/kurrentdb/kurrentdb-event-store.js';
import { follow, readAll } from '../support/event-store-follow.js';
import { anEvent, aPrefix, aStream, events } from '../support/event-store-samples.js';
import { type Cluster, startCluster } from '../support/kurrentdb-stand-in/cluster.js';
import {
  accessDenied,
  noLeader,
  notLeader,
  notReady,
  streamDeleted,
  unauthenticated,
} from '../support/kurrentdb-stand-in/errors.js';
import type { DeliveryFault, Fault, Faults, Method } from '../support/kurrentdb-stand-in/faults.js';
import {
  type KurrentdbStandIn,
  type StandInOptions,
  startKurrentdbStandIn,
} from '../support/kurrentdb-stand-in/stand-in.js';

let standIn: KurrentdbStandIn;
let store: EventStore;

beforeEach(async () => {
  standIn = await start();
  store = await open(standIn.url);
});

async function start(options?: StandInOptions): Promise<KurrentdbStandIn> {
  const started = await startKurrentdbStandIn(options);
  onTestFinished(() => started.stop());
  return started;
}

async function open(url: string, options?: Partial<KurrentdbEventStoreOptions>): Promise<EventStore> {
  const opened = await openKurrentdbEventStore(url, { log: pino({ level: 'silent' }), ...options });
  onTestFinished(() => opened.close());
  return opened;
}

/** Lets the fault happen to the first of these calls only. */
function once(fault: Fault, ...methods: Method[]): Faults {
  let left = 1;
  return { call: (method) => (methods.includes(method) && left-- > 0 ? fault : undefined) };
}

describe.each([
  ['an exact revision', NO_STREAM],
  ['any revision', 'any'],
] as const)('an append at %s is written once, and acknowledged where it is', (_, expected) => {
  async function expectWrittenOnce(appending: EventStore): Promise<void> {
    const stream = aStream();
    const sent = events(2);
    const result = await appending.append(stream, expected, sent);
    const read = await readAll(store, stream);
    expect(read.map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
    expect(result).toEqual({ outcome: 'appended', revision: 1n, position: read[1]!.position });
  }

  test.each<[string, Fault]>([
    ['the connection is cut before it is written', 'cutBefore'],
    ['the connection is cut after it was written', 'cutAfter'],
    ['it is neither written nor answered', 'silentBefore'],
    ['it is written and never answered', 'silentAfter'],
    ['the stream of appends ends', 'end'],
    ['the node is not ready', notReady()],
    ['the cluster has no leader', noLeader()],
  ])('when %s', async (_, fault) => {
    const impatient = await open(standIn.url, { timeLimit: 2_000 });
    standIn.faults = once(fault, 'batchAppend');
    await expectWrittenOnce(impatient);
  });

  test('when its repetition is lost as well', async () => {
    const faults: Fault[] = ['cutBefore', notReady(), 'cutBefore', 'cutAfter'];
    standIn.faults = { call: (method) => (/append/i.test(method) ? faults.shift() : undefined) };
    await expectWrittenOnce(store);
    expect(faults).toEqual([]);
  });

  test.each(['kept', 'lost'] as const)('when the node dies, and what it had written is %s', async (tail) => {
    let restarted: Promise<void> | undefined;
    standIn.faults = {
      call: (method) => {
        if (method === 'batchAppend')
          restarted ??= new Promise((resolve) => setImmediate(resolve, standIn.restart(tail, 30)));
        return undefined;
      },
    };
    await expectWrittenOnce(store);
    expect(restarted).toBeDefined();
  });
});

test('appends under way are each written once when their stream ends', async () => {
  const prefix = aPrefix();
  let calls = 0;
  standIn.faults = { call: (method) => (method === 'batchAppend' && ++calls % 50 === 0 ? 'end' : undefined) };
  // Every append may be sent several times, which takes a busy machine longer than a store gives it.
  const patient = await open(standIn.url, { timeLimit: 60_000 });
  const results = await Promise.all(
    Array.from({ length: 500 }, () => patient.append(aStream(prefix), NO_STREAM, [anEvent()])),
  );
  expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['appended']));
  const follower = follow(patient, START, prefix);
  await follower.until(() => follower.events.length >= 500);
  await follower.stop();
  expect(new Set(follower.events.map(({ id }) => id)).size).toBe(500);
});

test('the loser of a race gets a conflict, also when the connection is cut', async () => {
  const stream = aStream();
  await store.append(stream, NO_STREAM, events(2));
  standIn.faults = once('cutAfter', 'batchAppend');
  expect(await store.append(stream, 0n, [anEvent()])).toEqual({ outcome: 'conflict', actual: 1n });
});

test('a conflict is answered by the first call', async () => {
  const stream = aStream();
  await store.append(stream, NO_STREAM, events(2));
  const calls: Method[] = [];
  standIn.faults = { call: (method) => void calls.push(method) };
  expect(await store.append(stream, 0n, [anEvent()])).toEqual({ outcome: 'conflict', actual: 1n });
  expect(await store.append(aStream(), 0n, [anEvent()])).toEqual({ outcome: 'conflict', actual: NO_STREAM });
  expect(calls).toEqual(['batchAppend', 'batchAppend']);
});

test('an append to a stream that was deleted is refused, and not repeated', async () => {
  const calls: Method[] = [];
  standIn.faults = {
    call(method) {
      calls.push(method);
      return streamDeleted('gone');
    },
  };
  const refused = await store.append('gone', NO_STREAM, [anEvent()]).catch((error) => error);
  expect(refused).toMatchObject({ message: expect.stringContaining('gone') });
  expect(refused).not.toBeInstanceOf(StoreUnavailable);
  // The stream of appends ends with the error; the call of its own says which one it was.
  expect(calls).toEqual(['batchAppend', 'append']);
});

describe('in a cluster', () => {
  test('a call that a follower refuses goes to the leader', async () => {
    const follower = await start({ log: standIn.log });
    follower.faults = { call: () => notLeader(standIn) };
    const remote = await open(follower.url);
    expect(await remote.append(aStream(), NO_STREAM, [anEvent()])).toMatchObject({ outcome: 'appended' });
    const head = await remote.head();
    const following = follow(remote, START, aPrefix());
    await following.until(() => following.position >= head);
    await following.stop();
  });

  test('another node takes over when the leader dies', async () => {
    const other = await start({ log: standIn.log });
    const members = (leader: KurrentdbStandIn) =>
      [standIn, other].map((node) => ({ host: node.host, port: node.port, isLeader: node === leader }));
    standIn.members = members(standIn);
    other.members = members(standIn);
    const prefix = aPrefix();
    const hosts = [standIn, other].map(({ host, port }) => `${host}:${port}`);
    const remote = await open(`esdb://${hosts}?tls=false`);
    const following = follow(remote, START, prefix);
    await remote.append(aStream(prefix), NO_STREAM, [anEvent()]);

    await standIn.stop();
    other.members = members(other).slice(1);
    await remote.append(aStream(prefix), NO_STREAM, [anEvent()]);
    await following.until(() => following.events.length === 2);
    await following.stop();
  });

  describe.each(['esdb+discover', 'esdb', 'kurrentdb+discover', 'kurrentdb', 'kdb+discover', 'kdb'])(
    'at %s://a,b,c',
    (scheme) => {
      let cluster: Cluster;
      let url: string;

      beforeEach(async () => {
        cluster = await startCluster();
        onTestFinished(() => cluster.stop());
        url = `${scheme}://${cluster.hosts}?tls=false`;
      });

      test('each host may be lost in turn', async () => {
        const remote = await open(url);
        const prefix = aPrefix();
        const following = follow(remote, START, prefix);
        for (const [nr, node] of cluster.nodes.entries()) {
          await cluster.lose(node);
          await remote.append(aStream(prefix), NO_STREAM, [anEvent()]);
          await following.until(() => following.events.length === nr + 1);
          await cluster.regain(node);
        }
        await following.stop();
      });

      test.each([0, 1, 2])('a store opens while host %i is down', async (nr) => {
        await cluster.lose(cluster.nodes[nr]!);
        const remote = await open(url);
        expect(await remote.append(aStream(), NO_STREAM, [anEvent()])).toMatchObject({ outcome: 'appended' });
      });
    },
  );

  test('that cannot be found, calls fail in time', async () => {
    const remote = await open(`esdb+discover://${standIn.host}:${standIn.port}?tls=false`, { timeLimit: 500 });
    await standIn.stop();
    const appends = Array.from({ length: 50 }, () => remote.append(aStream(), NO_STREAM, [anEvent()]));
    for (const append of await Promise.allSettled(appends)) {
      expect(append).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
    }
  });
});

// An error inside the client that nobody awaits would end the process, and ends the test run.
describe('nothing fails unattended', () => {
  test('when a connection is closed at the moment at which an append begins', async () => {
    const client = createKurrentdbClient(standIn.url, pino({ level: 'silent' }));
    await client.head(5_000);
    const append = client.appendAlone(prepareAppend(aStream(), NO_STREAM, [anEvent()]), 5_000);
    client.close();
    await expect(append).rejects.toThrow('the connection is closed');
  });

  test('when an append fails while the cluster is looked for', async () => {
    const client = createKurrentdbClient(
      `esdb+discover://${standIn.host}:${standIn.port}?tls=false`,
      pino({ level: 'silent' }),
    );
    onTestFinished(() => client.close());
    const append = () => client.appendAlone(prepareAppend(aStream(), NO_STREAM, [anEvent()]), 5_000);
    const faults: Fault[] = ['silentBefore', notReady()];
    standIn.faults = { call: () => faults.shift() };
    const late = append();
    await expect(append()).rejects.toThrow('Server Is Not Ready');
    standIn.members = [];
    await nextTurn();
    await nextTurn();
    const seeking = append();
    await nextTurn();
    standIn.cut();
    await expect(late).rejects.toThrow('Connection dropped');
    await expect(seeking).rejects.toThrow('no host of the URL names a leader');
  });
});

describe('a subscription', () => {
  const FAULTS: [string, DeliveryFault][] = [
    ['its connection is cut', 'cut'],
    ['its stream ends', 'end'],
    ['the node is not ready any more', notReady()],
    ['nothing is delivered any more', 'silent'],
    ['events are delivered twice', 'repeat'],
    ['events are delivered late', 'delay'],
  ];

  test.each(FAULTS)('skips and doubles nothing when %s', async (_, fault) => {
    const patient = await open(standIn.url, { silence: fault === 'silent' ? 100 : 60_000 });
    const prefix = aPrefix();
    let deliveries = 0;
    standIn.faults = { delivery: () => (++deliveries % 7 === 0 ? fault : undefined) };
    const follower = follow(patient, START, prefix);
    const sent = events(30);
    for (const event of sent) await store.append(aStream(prefix), NO_STREAM, [event]);
    await follower.until(() => follower.events.length >= 30);
    await follower.stop();
    expect(follower.events.map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
  });

  test('that is never answered is opened again', async () => {
    const patient = await open(standIn.url, { silence: 100 });
    standIn.faults = once('silentBefore', 'subscribe');
    const prefix = aPrefix();
    const follower = follow(patient, START, prefix);
    await store.append(aStream(prefix), NO_STREAM, [anEvent()]);
    await follower.until(() => follower.events.length === 1);
    await follower.stop();
  });

  test('waits for a node that is down', async () => {
    const prefix = aPrefix();
    const follower = follow(store, START, prefix);
    await standIn.restart('kept', 300);
    await store.append(aStream(prefix), NO_STREAM, [anEvent()]);
    await follower.until(() => follower.events.length === 1);
    await follower.stop();
  });

  test('can be stopped while nothing is answered', async () => {
    const follower = follow(store, START, '');
    await follower.until(() => follower.batches.length > 0);
    standIn.faults = { call: () => 'silentBefore' };
    standIn.cut();
    await follower.stop();
  });
});

test('a connection that has gone silent is replaced', async () => {
  const impatient = await open(standIn.url, { timeLimit: 2_000, silence: 100 });
  const prefix = aPrefix();
  const follower = follow(impatient, START, prefix);
  await impatient.append(aStream(prefix), NO_STREAM, [anEvent()]);
  await follower.until(() => follower.events.length === 1);
  standIn.mute();
  await expect(impatient.append(aStream(prefix), NO_STREAM, [anEvent()])).resolves.toMatchObject({
    outcome: 'appended',
  });
  await follower.until(() => follower.events.length === 2);
  await follower.stop();
});

test('a connection is kept when a call gets no answer within less than half a second', async () => {
  const logged: string[] = [];
  const log = pino({}, { write: (line) => logged.push(JSON.parse(line).msg) });
  const impatient = await open(standIn.url, { timeLimit: 300, log });
  standIn.faults = { call: (method) => (method === 'read' ? 'silentBefore' : undefined) };
  let began: number;
  do {
    logged.length = 0;
    began = performance.now();
    await expect(readAll(impatient, aStream())).rejects.toThrow(StoreUnavailable);
    // On a busy machine it may be half a second after all.
  } while (performance.now() - began > 450);
  expect(logged).toEqual([]);
});

describe('while KurrentDB is unavailable', () => {
  test.each<[string, () => unknown]>([
    ['refuses connections', () => standIn.stop()],
    [
      'answers nothing',
      () => {
        standIn.faults = { call: () => 'silentBefore' };
      },
    ],
    [
      'is not ready',
      () => {
        standIn.faults = { call: () => notReady() };
      },
    ],
    [
      'refuses the user',
      () => {
        standIn.faults = { call: () => unauthenticated() };
      },
    ],
    [
      'permits the user nothing',
      () => {
        standIn.faults = { call: () => accessDenied() };
      },
    ],
  ])('calls fail in time when it %s', async (_, interrupt) => {
    const impatient = await open(standIn.url, { timeLimit: 300 });
    await interrupt();
    const begun = performance.now();
    const calls = [
      impatient.append(aStream(), NO_STREAM, [anEvent()]),
      impatient.append(aStream(), 'any', [anEvent()]),
      impatient.head(),
      readAll(impatient, aStream()),
    ];
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
    }
    // In less than the time that a call has by default.
    expect(performance.now() - begun).toBeLessThan(4_500);
  });

  test.each<[string, string, () => Promise<unknown>]>([
    ['read the stream coach-x', 'a read', () => readAll(store, 'coach-x')],
    ['write to the stream coach-x', 'an append', () => store.append('coach-x', NO_STREAM, [anEvent()])],
    ['read $all', 'the head', () => store.head()],
  ])('the right to %s is named when it is missing', async (right, _, call) => {
    standIn.faults = { call: () => accessDenied() };
    await expect(call()).rejects.toThrow(`KurrentDB does not let the URL's user ${right}`);
  });

  test('a store cannot be opened, and says why', async () => {
    standIn.faults = { call: () => unauthenticated() };
    await expect(open(standIn.url)).rejects.toThrow(
      new StoreUnavailable('KurrentDB refuses the user name or the password'),
    );
    standIn.faults = { call: () => accessDenied() };
    await expect(open(standIn.url)).rejects.toThrow(
      new StoreUnavailable(
        "KurrentDB does not let the URL's user read $all: allow it in the stream's ACL, or put the user into $admins",
      ),
    );
    standIn.faults = { call: () => noLeader() };
    // Long enough for the first answer of a busy machine.
    await expect(open(standIn.url, { timeLimit: 1_000 })).rejects.toThrow(/^KurrentDB failed: .*No leader info/);
    await standIn.stop();
    await expect(open(standIn.url, { timeLimit: 1_000 })).rejects.toThrow(
      /^KurrentDB cannot be reached: .*ECONNREFUSED/,
    );
  });
});

test('closing ends all connections', async () => {
  const sockets = new Set<Socket>();
  const relay = createServer((socket) => {
    const target = connect(standIn.port, standIn.host);
    for (const one of [socket, target]) one.on('error', () => {});
    socket.pipe(target).pipe(socket);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void relay.close());
  const { port } = relay.address() as AddressInfo;
  const relayed = await open(`esdb://127.0.0.1:${port}?tls=false`);
  await relayed.append(aStream(), NO_STREAM, [anEvent()]);
  expect(sockets.size).toBeGreaterThan(0);
  await relayed.close();
  // An open stream of appends would keep its connection for 10 s more.
  await expect.poll(() => sockets.size, { timeout: 5_000 }).toBe(0);
});

test('closing ends what is under way, and what waits for its turn', async () => {
  const narrow = await open(standIn.url, { maxAppends: 2, timeLimit: 60_000 });
  standIn.faults = { call: () => 'silentBefore' };
  const calls = [
    ...Array.from({ length: 10 }, () => narrow.append(aStream(), NO_STREAM, [anEvent()])),
    narrow.head(),
    readAll(narrow, aStream()),
    narrow
      .subscribe(START, { prefixes: [''] }, new AbortController().signal)
      [Symbol.asyncIterator]()
      .next(),
  ];
  const begun = performance.now();
  await narrow.close();
  for (const call of await Promise.allSettled(calls)) {
    expect(call).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
  }
  expect(performance.now() - begun).toBeLessThan(30_000);
});
