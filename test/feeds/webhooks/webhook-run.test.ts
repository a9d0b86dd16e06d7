import { describe, expect, onTestFinished, test } from 'vitest';
import type { ChangeFeed, Follower } from '../../../src/application/change-feed.js';
import { createPoster } from '../../../src/feeds/webhooks/post-event.js';
import { createRequestTurns, type RequestTurns } from '../../../src/feeds/webhooks/request-turns.js';
import { createDeferred } from '../../../src/waiting.js';
import { type Answering, type Receiver, startReceiver, status } from '../../support/receiver.js';
import { createScreen } from '../support.js';
import { bookings, deliverTo } from './support.js';

const HOUR = 3_600_000;

/** The coach of each change that a receiver got, and its revision, in order. */
const gotBy = ({ received }: Receiver) => received.map(({ event }) => `${event.partitionkey} ${event.data.revision}`);

/** Refuses the changes of some coaches. */
const refusing =
  (...coaches: readonly string[]): Answering =>
  ({ event }, response) =>
    void response.writeHead(coaches.includes(event.partitionkey) ? 500 : 204).end();

/** The numbers from 0 up. */
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('the changes of a coach', () => {
  test('come in order', async () => {
    const [log, receiver] = [bookings(), await startReceiver()];
    receiver.answerWith(
      (_received, response) => void setTimeout(() => response.writeHead(204).end(), Math.random() * 4),
    );
    deliverTo(receiver, log);
    for (const _ of upTo(50)) for (const coach of ['carol', 'bob']) await log.book(coach);

    await expect.poll(() => receiver.received.length).toBe(100);
    const ofCarol = gotBy(receiver).filter((one) => one.startsWith('carol'));
    expect(ofCarol).toEqual(upTo(50).map((revision) => `carol ${revision}`));
  });

  test('are held up by one that is refused, and those of others are not', async () => {
    const [log, receiver] = [bookings(), await startReceiver()];
    receiver.answerWith(refusing('carol'));
    const { run } = deliverTo(receiver, log);
    for (const _ of upTo(10)) for (const coach of ['carol', 'bob']) await log.book(coach);

    await expect.poll(() => gotBy(receiver).filter((one) => one.startsWith('bob')).length).toBe(10);
    expect(gotBy(receiver).filter((one) => one.startsWith('carol'))).toEqual(['carol 0']);
    expect(run.takeProgress()).toMatchObject({ heldUp: [{ coachHashId: 'carol', revision: 0, attempts: 1 }] });
  });

  test('follow once it is taken, in order, each once, also those that come meanwhile', async () => {
    const [log, receiver] = [bookings(), await startReceiver()];
    receiver.answerWith(refusing('carol'));
    const { clock, run } = deliverTo(receiver, log);
    for (const _ of upTo(10)) await log.book('carol');
    await expect.poll(() => receiver.received.length).toBe(1);
    await expect.poll(clock.next).toBeDefined();

    receiver.answerWith(status(204));
    clock.advance(HOUR);
    for (const _ of upTo(10)) await log.book('carol');
    await expect.poll(() => receiver.received.length).toBe(21);
    expect(gotBy(receiver)).toEqual([0, ...upTo(20)].map((revision) => `carol ${revision}`));
    await expect.poll(() => run.takeProgress().place?.revision).toBe(19);
  });

  test('are each tried with the same id, and signed anew', async () => {
    const [log, receiver] = [bookings(), await startReceiver()];
    receiver.answerWith(status(500));
    const { clock } = deliverTo(receiver, log);
    const id = await log.book('carol');
    await expect.poll(clock.next).toBeDefined();
    clock.advance(HOUR);
    await expect.poll(() => receiver.received.length).toBe(2);

    const [first, second] = receiver.received.map(({ headers }) => headers);
    expect([first!['webhook-id'], second!['webhook-id']]).toEqual([id, id]);
    expect(Number(second!['webhook-timestamp']) - Number(first!['webhook-timestamp'])).toBe(3_600);
    expect(second!['webhook-signature']).not.toBe(first!['webhook-signature']);
  });

  test('are not kept in memory while one waits for its answer', async () => {
    const [log, receiver] = [bookings(), await startReceiver()];
    const held: (() => void)[] = [];
    receiver.answerWith((_received, response) => void held.push(() => response.writeHead(204).end()));
    const { run } = deliverTo(receiver, log);
    for (const _ of upTo(100)) await log.book('carol');
    await expect
      .poll(() => run.takeProgress().heldUp)
      .toMatchObject([{ coachHashId: 'carol', revision: 0, attempts: 0 }]);

    receiver.answerWith(status(204));
    for (const answer of held) answer();
    await expect.poll(() => receiver.received.length).toBe(100);
    expect(gotBy(receiver)).toEqual(upTo(100).map((revision) => `carol ${revision}`));
  });

  test('are not told before a read shows them, also by the stream of a coach who is behind', async () => {
    const screen = createScreen();
    const [log, receiver] = [bookings(screen), await startReceiver()];
    receiver.answerWith(status(500));
    const { clock } = deliverTo(receiver, log);
    for (const _ of upTo(2)) await log.book('carol');
    screen.show(1n);
    await expect.poll(clock.next).toBeDefined();
    receiver.answerWith(status(204));
    clock.advance(HOUR);
    await expect.poll(() => gotBy(receiver)).toEqual(['carol 0', 'carol 0']);
    await log.book('bob');
    screen.show(3n);
    await expect.poll(() => receiver.received.length).toBe(4);
    expect(gotBy(receiver).slice(2).sort()).toEqual(['bob 0', 'carol 1']);
  });

  test('go on after a restart with the first that was not taken', async () => {
    const [log, receiver] = [bookings(), await startReceiver()];
    receiver.answerWith(refusing('carol'));
    const first = deliverTo(receiver, log);
    for (const _ of upTo(3)) for (const coach of ['carol', 'bob']) await log.book(coach);
    await expect.poll(() => receiver.received.length).toBe(4);
    await expect.poll(() => first.clock.next()).toBeDefined();
    await first.run.stop(0);
    const { place, heldUp } = first.run.takeProgress();

    receiver.received.length = 0;
    receiver.answerWith(status(204));
    const second = deliverTo(receiver, log, { after: place!.position, heldUp });
    await expect.poll(second.clock.next).toBeDefined();
    second.clock.advance(HOUR);
    await log.book('carol');
    await expect.poll(() => receiver.received.length).toBe(4);
    expect(gotBy(receiver)).toEqual(upTo(4).map((revision) => `carol ${revision}`));
  });
});

describe('a change that is refused', () => {
  test('is tried again after pauses that double, up to an hour', async () => {
    const [log, receiver] = [bookings(), await startReceiver()];
    receiver.answerWith(status(500));
    const { clock } = deliverTo(receiver, log);
    await log.book('carol');
    for (const nr of upTo(20)) {
      await expect.poll(() => receiver.received.length).toBe(nr + 1);
      await expect.poll(clock.next).toBeDefined();
      const pause = clock.next()!;
      expect(pause).toBeGreaterThanOrEqual(Math.min(500 * 2 ** nr * 0.5, HOUR));
      expect(pause).toBeLessThanOrEqual(Math.min(500 * 2 ** nr * 1.5, HOUR));
      clock.advance(HOUR);
    }
  });

  test('is given up when an admin says so, and what follows is delivered', async () => {
    const [log, receiver] = [bookings(), await startReceiver()];
    receiver.answerWith(
      ({ event }, response) => void response.writeHead(event.data.revision === '1' ? 400 : 204).end(),
    );
    const { run, clock } = deliverTo(receiver, log);
    await log.book('carol');
    const bad = await log.book('carol');
    await log.book('carol');
    await expect.poll(clock.next).toBeDefined();
    expect(gotBy(receiver)).toEqual(['carol 0', 'carol 1']);

    run.skip('carol', bad);
    await expect.poll(() => gotBy(receiver)).toEqual(['carol 0', 'carol 1', 'carol 2']);
  });

  test('is not given up for another one', async () => {
    const [log, receiver] = [bookings(), await startReceiver()];
    receiver.answerWith(status(400));
    const { run, clock } = deliverTo(receiver, log);
    await log.book('carol');
    const next = await log.book('carol');
    await expect.poll(clock.next).toBeDefined();
    run.skip('carol', next);
    await expect.poll(clock.next).toBeDefined();
    expect(run.takeProgress().heldUp).toMatchObject([{ revision: 0, attempts: 1 }]);
  });

  test.each([
    ['120', 120_000],
    ['Tue, 01 Jan 2030 12:02:00 GMT', 120_000],
    ['999999', HOUR],
  ])('waits as long as the receiver asks for: Retry-After: %s', async (retryAfter, pause) => {
    const [log, receiver] = [bookings(), await startReceiver()];
    receiver.answerWith(status(503, { 'retry-after': retryAfter }));
    const { clock } = deliverTo(receiver, log);
    await log.book('carol');
    await expect.poll(clock.next).toBe(pause);
  });
});

describe('a receiver that asks for a rest', () => {
  test('gets nothing of any coach meanwhile', async () => {
    const [log, receiver] = [bookings(), await startReceiver()];
    receiver.answerWith(status(429, { 'retry-after': '60' }));
    const { clock } = deliverTo(receiver, log);
    await log.book('carol');
    await expect.poll(clock.next).toBe(60_000);
    receiver.answerWith(status(204));
    for (const coach of ['bob', 'ann']) await log.book(coach);
    clock.advance(59_999);
    const other = await startReceiver();
    deliverTo(other, log);
    await expect.poll(() => other.received.length).toBe(3);
    expect(gotBy(receiver)).toEqual(['carol 0']);

    clock.advance(1);
    await expect.poll(() => gotBy(receiver).slice(1).sort()).toEqual(['ann 0', 'bob 0', 'carol 0']);
  });
});

describe('a receiver that takes nothing', () => {
  test('is tried by one change at a time, and nothing more is held up', async () => {
    const [log, receiver] = [bookings(), await startReceiver()];
    receiver.answerWith(status(500));
    const { clock, run } = deliverTo(receiver, log);
    for (const nr of upTo(40)) await log.book(`coach-${nr}`);
    const heldUp = new Set<string>();
    let tried = 0;
    const isQuiet = () => {
      const progress = run.takeProgress();
      for (const { coachHashId } of progress.heldUp) heldUp.add(coachHashId);
      tried += progress.deliveries.length;
      return tried >= 8 && tried === receiver.received.length && clock.next() !== undefined;
    };
    await expect.poll(isQuiet).toBe(true);
    // Those that were under way when the eighth failed came too.
    const before = tried;
    expect(before).toBeLessThan(16);
    for (const nr of upTo(5)) {
      clock.advance(300_000);
      await expect.poll(() => receiver.received.length).toBe(before + nr + 1);
      await expect.poll(isQuiet).toBe(true);
    }
    expect(heldUp.size).toBeLessThanOrEqual(before + 5);
  });

  test('gets everything, in order, once it takes something', async () => {
    const [log, receiver] = [bookings(), await startReceiver()];
    receiver.answerWith(status(500));
    const { clock } = deliverTo(receiver, log);
    for (const _ of upTo(3)) for (const nr of upTo(20)) await log.book(`coach-${nr}`);
    await expect.poll(() => receiver.received.length).toBeGreaterThanOrEqual(8);
    await expect.poll(clock.next).toBeDefined();
    receiver.received.length = 0;
    receiver.answerWith(status(204));
    clock.advance(1_000);

    await expect.poll(() => new Set(gotBy(receiver)).size).toBe(60);
    for (const nr of upTo(20)) {
      const revisions = gotBy(receiver).filter((one) => one.startsWith(`coach-${nr} `));
      expect(revisions).toEqual(upTo(3).map((revision) => `coach-${nr} ${revision}`));
    }
  });

  test('has its webhook paused after three days, and not before', async () => {
    const [log, receiver] = [bookings(), await startReceiver()];
    receiver.answerWith(status(500));
    const { clock, pauses } = deliverTo(receiver, log);
    await log.book('carol');
    await expect.poll(clock.next).toBeDefined();
    clock.advance(3 * 24 * HOUR - 1);
    await expect.poll(() => receiver.received.length).toBe(2);
    await expect.poll(clock.next).toBeDefined();
    expect(pauses).toEqual([]);

    clock.advance(HOUR);
    await expect.poll(() => pauses).toEqual([['failing', expect.stringContaining('2030-01-01T12:00:00.000Z')]]);
  });

  test('ends it with 410', async () => {
    const [log, receiver] = [bookings(), await startReceiver()];
    receiver.answerWith(status(410));
    const { pauses } = deliverTo(receiver, log);
    await log.book('carol');
    await expect.poll(() => pauses).toEqual([['gone', expect.stringContaining('410')]]);
    await log.book('bob');
    expect(receiver.received.length).toBe(1);
  });
});

describe('a receiver', () => {
  test('gets what its filter says', async () => {
    const [log, receiver] = [bookings(), await startReceiver()];
    const filter = { coach_hash_id: 'carol', client_hash_id: 'chris', types: ['SessionScheduled' as const] };
    deliverTo(receiver, log, { row: filter });
    await log.book('carol', 'dora');
    await log.book('bob');
    const id = await log.book('carol');
    await expect.poll(() => receiver.received.map(({ event }) => event.id)).toEqual([id]);
  });

  test('gets at most 8 requests at once', async () => {
    const [log, receiver] = [bookings(), await startReceiver()];
    const held: (() => void)[] = [];
    receiver.answerWith((_received, response) => void held.push(() => response.writeHead(204).end()));
    deliverTo(receiver, log);
    for (const nr of upTo(30)) await log.book(`coach-${nr}`);
    await expect.poll(() => held.length).toBe(8);
    for (const nr of upTo(30)) {
      await expect.poll(() => held.length).toBeGreaterThan(nr);
      held[nr]!();
    }
    await expect.poll(() => receiver.received.length).toBe(30);
    expect(receiver.connections()).toBeLessThanOrEqual(8);
  });

  test('that is slow has at most 500 changes waiting for it in memory', async () => {
    const [log, receiver] = [bookings(), await startReceiver()];
    receiver.answerWith(() => {});
    for (const nr of upTo(700)) await log.book(`coach-${nr}`);
    let told = 0;
    const follow: ChangeFeed['follow'] = async (parts) => {
      const follower = await log.feed.follow(parts);
      const next: Follower['next'] = async (patience) => {
        const arrival = await follower.next(patience);
        told += arrival?.changes.length ?? 0;
        return arrival;
      };
      return { position: follower.position, next };
    };
    const poster = createPoster({ allowPrivate: true });
    onTestFinished(poster.close);
    deliverTo(receiver, { ...log, feed: { ...log.feed, follow } }, { poster });
    await expect.poll(() => told).toBeGreaterThanOrEqual(500);
    await expect.poll(() => receiver.received.length).toBe(8);
    // What the follower hands over at a time comes on top.
    expect(told).toBeLessThanOrEqual(502);
  });

  test('that ends does not wait for the requests of others', async () => {
    const [log, receiver] = [bookings(), await startReceiver()];
    const requestTurns = createRequestTurns(1);
    const others = createDeferred<void>();
    const { signal } = new AbortController();
    const ofOthers = requestTurns.ofWebhook();
    void ofOthers.take(signal, () => others.promise);
    let isWaiting = false;
    const ofWebhook: RequestTurns['ofWebhook'] = () => {
      const { take } = requestTurns.ofWebhook();
      return {
        take: (until, request) => {
          isWaiting = true;
          return take(until, request);
        },
      };
    };
    const { run } = deliverTo(receiver, log, { requestTurns: { ofWebhook } });
    onTestFinished(() => others.resolve(undefined));
    await log.book('carol');
    await expect.poll(() => isWaiting).toBe(true);

    let isOver = false;
    void run.stop(0).then(() => {
      isOver = true;
    });

    await expect.poll(() => isOver).toBe(true);
    others.resolve(undefined);
    await ofOthers.take(signal, async () => {});
    expect(receiver.received).toEqual([]);
  });
});
