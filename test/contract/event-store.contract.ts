import { afterAll, beforeAll, describe } from 'vitest';
import type { EventStore } from '../../src/event-store/event-store.js';
import { appendContract } from './append.contract.js';
import { closeContract } from './close.contract.js';
import { readContract } from './read.contract.js';
import { subscribeContract } from './subscribe.contract.js';

/** A store to hold to the contract. Others may use its log at the same time. */
export interface StoreUnderTest {
  readonly store: EventStore;
  /** Opens the same log once more, as another process would. */
  openAnother(): Promise<EventStore>;
  /** Closes every store that was opened. */
  close(): Promise<void>;
}

/** Two stores over one log. They are open while tests run. */
export interface Stores {
  readonly store: EventStore;
  readonly other: EventStore;
  openAnother(): Promise<EventStore>;
}

/** States as tests what every event store promises, whichever adapter it is. */
export function eventStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    const stores = {} as { -readonly [Part in keyof Stores]: Stores[Part] };
    let opened: StoreUnderTest | undefined;

    beforeAll(async () => {
      opened = await open();
      const { store, openAnother } = opened;
      Object.assign(stores, { store, other: await openAnother(), openAnother });
    });

    afterAll(() => opened?.close());

    describe('append', () => appendContract(stores));
    describe('read and head', () => readContract(stores));
    describe('subscribe', () => subscribeContract(stores));
    describe('close', () => closeContract(stores));
  });
}
