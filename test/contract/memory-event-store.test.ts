import { createMemoryLog } from '../support/memory-event-store.js';
import { eventStoreContract } from './event-store.contract.js';

eventStoreContract('the event store in memory, which tests use', async () => {
  const { open } = createMemoryLog();
  return { store: open(), openAnother: async () => open(), close: async () => {} };
});
