import { openTestEventStore } from '../support/event-store-kurrentdb.js';
import { eventStoreContract } from './event-store.contract.js';

eventStoreContract('the KurrentDB event store', openTestEventStore);
