import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NoAnswer, TimedOut } from '../../src/event-store/kurrentdb/client-port.js';
import { createRequestStream } from '../../src/event-store/kurrentdb/request-stream.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

interface Answer {
  readonly to?: string;
  readonly text: string;
}

/** A stream of requests over a stream without a network. */
function streamOf() {
  const written: string[] = [];
  let [ends, cancels] = [0, 0];
  const wire = Object.assign(new EventEmitter(), {
    write: (request: string) => written.push(request),
    cancel: () => {
      cancels += 1;
    },
  });
  const requests = createRequestStream<string, Answer>(
    wire,
    ({ to }) => to,
    () => {
      ends += 1;
    },
  );
  const answer = (text: string, to?: string) => wire.emit('data', { text, ...(to !== undefined && { to }) });
  return { requests, wire, written, answer, ends: () => ends, cancels: () => cancels };
}

test('each request gets its own answer, in whatever order they come', async () => {
  const { requests, written, answer } = streamOf();
  const done = [requests.ask('1', 'first', 1_000), requests.ask('2', 'second', 1_000)];
  expect(written).toEqual(['first', 'second']);
  answer('to the second', '2');
  answer('to nobody', '3');
  answer('without an id');
  answer('to the first', '1');
  expect((await Promise.all(done)).map(({ text }) => text)).toEqual(['to the first', 'to the second']);
});

test('a request that is not answered in time fails, and a late answer does no harm', async () => {
  const { requests, answer, ends } = streamOf();
  const late = expect(requests.ask('1', 'first', 100)).rejects.toThrow(new TimedOut());
  const patient = requests.ask('2', 'second', 101);
  await vi.advanceTimersByTimeAsync(100);
  await late;
  answer('too late', '1');
  answer('in time', '2');
  expect(await patient).toMatchObject({ text: 'in time' });
  expect(ends()).toBe(0);
});

test.each([
  ['with an error', ['error', new Error('reset')], 'KurrentDB ended the stream of appends: reset'],
  ['without one', ['end'], 'KurrentDB ended the stream of appends: without an error'],
] as const)('when it ends %s, what waits and what comes gets no answer', async (_, [event, ...args], message) => {
  const { requests, wire, written, ends } = streamOf();
  const waiting = expect(requests.ask('1', 'first', 1_000)).rejects.toThrow(new NoAnswer(message));
  wire.emit(event, ...args);
  await waiting;
  await expect(requests.ask('2', 'second', 1_000)).rejects.toThrow(new NoAnswer(message));
  expect(written).toEqual(['first']);
  expect(ends()).toBe(1);
});

test('its end is told once, with the error that came first', async () => {
  const { requests, wire, ends } = streamOf();
  wire.emit('error', new Error('reset'));
  wire.emit('end');
  wire.emit('error', new Error('again'));
  expect(ends()).toBe(1);
  const failed = await requests.ask('1', 'first', 1_000).catch((error) => error);
  expect(failed).toMatchObject({ message: expect.stringMatching(/: reset$/), cause: new Error('reset') });
});

test('closing it cancels the call', () => {
  const { requests, cancels } = streamOf();
  requests.close();
  expect(cancels()).toBe(1);
});
