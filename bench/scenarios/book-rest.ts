import { appendRaw, sendCounted, sendHttp } from '../harness/load.js';
import { inTurns, type Measured, measure, ready, tellStatements, withDatabase } from '../harness/measure.js';
import {
  atLeast,
  atMost,
  type Bench,
  cheapest,
  fastest,
  type Goal,
  type Outcome,
  processorMs,
  type Row,
  rowOf,
  type Scenario,
} from '../harness/scenario.js';
import type { Running, Subject } from '../harness/subject.js';
import {
  emmett,
  exclusionForCoaches,
  fastifyEcho,
  NODE_PEER,
  peers,
  peersForCoaches,
  service,
  serviceForCoaches,
} from '../harness/subjects.js';
import { checkAnswers, checkBookings } from '../harness/truth.js';
import { ALL_NEW, firstAfter } from '../load/requests.js';

const CONNECTIONS = 32;

/** How many coaches the bookings are for, in turns. */
export const COACHES = 1_000;

/** A quick run fails, and with it CI, when the service needs more than this part of the peer's processor time. */
const GATE = 0.7;
/**
 * Bookings of a try: enough to compile the code first, however busy the machine is, and so many that the hundredths of a
 * second in which Linux counts do not matter.
 */
const GATE_LOAD = { before: 12_000, counted: 25_000, secondsAtMost: 60 };

/** Free slots of 1,000 coaches, booked over 32 connections: with the rule for clients, without, with new clients only. */
export const bookRest: Scenario = {
  name: 'book-rest',
  title: `book free slots over REST, ${CONNECTIONS} connections, ${COACHES.toLocaleString('en')} coaches`,

  run: (bench) => (bench.options.quick ? gate(bench) : compare(bench)),
};

/** Compares the processor time of a booking with that of the plainest peer, and nothing else. */
async function gate(bench: Bench): Promise<Outcome> {
  const [own, peer] = [serviceForCoaches, exclusionForCoaches];
  const twice = { ...bench, options: { ...bench.options, rounds: 2 } };
  const rounds = await inTurns(twice, [own, peer], (subject, running, url) =>
    bookCounted(bench, subject, running, url),
  );
  const tries = rounds.get(own)!.map((measured, nr) => ({
    own: processorMs(rowOf(own, [measured])),
    peer: processorMs(rowOf(peer, [rounds.get(peer)![nr]!])),
  }));
  const better = tries.reduce((best, each) => (each.own / each.peer < best.own / best.peer ? each : best));
  const text = `processor time a booking, with Postgres, the better of two tries: {} that of ${peer.name}`;
  return {
    unit: 'bookings',
    rows: [rowOf(own, rounds.get(own)!), rowOf(peer, rounds.get(peer)!)],
    goals: [{ ...atMost(GATE, text, better.own, better.peer), isRequired: true }],
  };
}

/** Books so many, after as many as compile the code, and checks what is in the database. */
export async function bookCounted(
  bench: Bench,
  { keeps }: Subject,
  running: Running,
  url: string,
  token?: string,
): Promise<Measured> {
  const { before, counted, secondsAtMost: seconds } = GATE_LOAD;
  const book = (first: number, count: number) =>
    sendCounted({
      url: running.httpUrl,
      connections: CONNECTIONS,
      seconds,
      count,
      requests: { kind: 'book', first, coaches: COACHES, ...(token && { token }) },
    });
  await book(0, before);
  const measured = await measure(bench, [running.pid], () => book(firstAfter(before, COACHES), counted));
  checkAnswers(measured.load, /^201$/);
  if (keeps) await checkBookings(url, keeps, measured.load.requests);
  return measured;
}

async function compare(bench: Bench): Promise<Outcome> {
  const guarded = await rowsFor(bench, [service, ...peers]);
  const forCoaches = await rowsFor(bench, [serviceForCoaches, ...peersForCoaches, emmett]);
  const strongest = strongestOf(guarded).map(({ subject }) => subject);
  const newClients = await rowsFor(bench, [service, ...peers.filter(({ name }) => strongest.includes(name))], {
    clients: ALL_NEW,
    label: ', new clients only',
  });
  const [echo] = await rowsFor(bench, [fastifyEcho]);
  const raw = await withDatabase(bench, (url) => appendRaw(url, CONNECTIONS, bench.options.seconds));
  const libraries = forCoaches.filter(({ subject }) => subject === emmett.name);
  return {
    unit: 'bookings',
    rows: [
      ...guarded,
      ...newClients,
      ...forCoaches,
      { ...echo!, isLimit: true },
      {
        subject: 'raw append',
        isLimit: true,
        perSecond: raw.requests / raw.seconds,
        p50: raw.p50,
        p99: raw.p99,
        note: `${CONNECTIONS} rows a commit; a booking is two rows, without the rule for clients one`,
      },
    ],
    goals: [
      ...goalsOf(forCoaches, { ofNode: 2, ofAny: 1.3 }),
      ...libraries.map((library) => atLeast(3, forCoaches[0]!, library)),
      ...goalsOf(guarded, { ofNode: 1.6, ofAny: 1 }),
      ...goalsOf(newClients, { ofNode: 1.6, ofAny: 1 }),
    ],
    checked: 'the read model caught up within 1 s, no double booking',
  };
}

/** Measures subjects in turns. The label is added to their names. */
async function rowsFor(
  bench: Bench,
  subjects: readonly Subject[],
  { clients, label = '' }: { readonly clients?: number; readonly label?: string } = {},
): Promise<Row[]> {
  const rounds = await inTurns(bench, ready(bench, subjects), (subject, running, url) =>
    bookOverRest(bench, subject, running, url, clients),
  );
  return [...rounds].map(([{ name, variantOf }, measured]) =>
    rowOf({ name: name + label, ...(variantOf && { variantOf: variantOf + label }) }, measured),
  );
}

/** The goals of the first row against the variants of peers behind it. */
function goalsOf([own, ...others]: readonly Row[], times: { readonly ofNode: number; readonly ofAny: number }): Goal[] {
  const [node, any] = strongestOf(others);
  const thrifty = cheapest(others.filter(isNodePeer));
  return [
    atLeast(times.ofNode, own!, node),
    atLeast(times.ofAny, own!, any),
    atMost(1, `p99 of ${own!.subject}: {} that of ${node.subject}`, own!.p99!, node.p99!),
    atMost(
      0.4,
      `processor time a booking of ${own!.subject}, with Postgres: {} that of ${thrifty.subject}`,
      processorMs(own!),
      processorMs(thrifty),
    ),
  ];
}

/** The fastest peer on Node, and the fastest of all peers, of all variants. */
function strongestOf(rows: readonly Row[]): [node: Row, any: Row] {
  return [fastest(rows.filter(isNodePeer)), fastest(rows.filter(({ variantOf }) => variantOf !== undefined))];
}

function isNodePeer({ variantOf }: Row): boolean {
  return variantOf?.startsWith(NODE_PEER) ?? false;
}

/** Books for a time, after a warm-up, and checks what is in the database. */
export async function bookOverRest(
  bench: Bench,
  subject: Subject,
  running: Running,
  url: string,
  clients?: number,
): Promise<Measured> {
  const { seconds, warmUp } = bench.options;
  const book = (first: number, time: number) =>
    sendHttp({
      url: running.httpUrl,
      connections: CONNECTIONS,
      seconds: time,
      requests: { kind: 'book', first, coaches: COACHES, ...(clients && { clients }) },
    });
  const { requests } = await book(0, warmUp);
  const measured = await measure(bench, [running.pid], () => book(firstAfter(requests, COACHES), seconds));
  checkAnswers(measured.load, /^2/);
  if (subject.keeps) await checkBookings(url, subject.keeps, measured.load.requests);
  await tellStatements(bench, url);
  return measured;
}
