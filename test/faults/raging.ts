import type { EventStore } from '../../src/event-store/event-store.js';

/**
 * The store, and a fault after every so many answers to appends: bound to the work and not to the time, so that a slow
 * machine sees as many.
 * @param fault given which fault it is, from 0
 */
export function raging(store: EventStore, answersPerFault: number, fault: (nr: number) => unknown): EventStore {
  let answers = 0;
  return {
    ...store,
    append: (...append) =>
      store.append(...append).finally(() => {
        answers += 1;
        if (answers % answersPerFault === 0) fault(answers / answersPerFault - 1);
      }),
  };
}
