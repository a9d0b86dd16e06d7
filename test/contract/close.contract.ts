import { expect, test } from 'vitest';
import { NO_STREAM, START, StoreUnavailable } from '../../src/event-store/event-store.js';
import { follow, readAll } from '../support/event-store-follow.js';
import { anEvent, aPrefix, aStream } from '../support/event-store-samples.js';
import type { Stores } from './event-store.contract.js';

/** What `close` promises. */
export function closeContract(stores: Stores): void {
  test('calls under way are answered or fail, and none hangs', async () => {
    const store = await stores.openAnother();
    const calls = Promise.allSettled([
      ...Array.from({ length: 50 }, () => store.append(aStream(), NO_STREAM, [anEvent()])),
      store.head(),
      readAll(store, aStream()),
    ]);
    await store.close();
    for (const call of await calls) {
      if (call.status === 'rejected') expect(call.reason).toBeInstanceOf(StoreUnavailable);
    }
  });

  test('later calls fail', async () => {
    const store = await stores.openAnother();
    await store.close();
    await expect(store.append(aStream(), NO_STREAM, [anEvent()])).rejects.toThrow(StoreUnavailable);
    await expect(readAll(store, aStream())).rejects.toThrow(StoreUnavailable);
    await expect(store.head()).rejects.toThrow(StoreUnavailable);
    await expect(store.tryAppend()).rejects.toThrow(StoreUnavailable);
  });

  test('a subscription fails', async () => {
    const store = await stores.openAnother();
    const follower = follow(store, START, aPrefix());
    const head = await store.head();
    await follower.until(() => follower.position >= head);
    await store.close();
    await expect(follower.until(() => false)).rejects.toThrow(StoreUnavailable);
  });

  test('may be called twice', async () => {
    const store = await stores.openAnother();
    await store.close();
    await store.close();
  });
}
