import { expect, test } from 'vitest';
import { createDeliveryQueue } from '../../src/event-store/kurrentdb/delivery-queue.js';

const LONG = 60_000;

test('takes all items that wait, in order, and each once', async () => {
  const queue = createDeliveryQueue<string>();
  expect([queue.add('a'), queue.add('b')]).toEqual([1, 2]);
  expect(await queue.take(LONG)).toEqual(['a', 'b']);
  expect(queue.add('c')).toBe(1);
  expect(await queue.take(LONG)).toEqual(['c']);
});

test('waits for an item, and takes those of the same turn with it', async () => {
  const queue = createDeliveryQueue<string>();
  const taken = queue.take(LONG);
  queue.add('a');
  await Promise.resolve();
  queue.add('b');
  expect(await taken).toEqual(['a', 'b']);
});

test('takes nothing after the limit', async () => {
  expect(await createDeliveryQueue<string>().take(1)).toEqual([]);
});

test('once it has ended, gives what waits, then the first error', async () => {
  const queue = createDeliveryQueue<string>();
  queue.add('a');
  queue.end(new Error('first'));
  queue.end(new Error('second'));
  expect(await queue.take(LONG)).toEqual(['a']);
  await expect(queue.take(LONG)).rejects.toThrow('first');
  await expect(queue.take(LONG)).rejects.toThrow('first');
});

test('its end wakes who waits', async () => {
  const queue = createDeliveryQueue<string>();
  const taken = expect(queue.take(LONG)).rejects.toThrow('ended');
  queue.end(new Error('ended'));
  await taken;
});
