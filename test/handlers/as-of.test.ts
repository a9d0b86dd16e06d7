import { expect, test } from 'vitest';
import { ofWholeChanges } from '../../src/handlers/request/as-of.js';
import { scheduled, stored } from '../projections/support.js';
import { createMemoryLog } from '../support/memory-event-store.js';

const command = { correlationId: 'c', requestId: 'r', subject: 'ann' };

test.each<[string, (typeof command)[], number]>([
  ['of one command, the last one', [command, command], 1],
  ['of commands of two calls, the first', [command, { ...command, correlationId: 'd' }], 0],
  ['of two requests of a call, the first', [command, { ...command, requestId: 's' }], 0],
  ['of two subjects with one request id, the first', [command, { ...command, subject: 'ben' }], 0],
])('a revision of events side by side means, %s', async (_, commands, revision) => {
  const store = createMemoryLog().open();
  const events = commands.map((metadata) => stored(scheduled(), metadata));
  await store.append('coach-ann', 'any', events);
  expect(await ofWholeChanges({ revision: 0 }, 'ann', store)).toEqual({ revision });
});
