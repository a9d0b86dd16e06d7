import { randomUUID } from 'node:crypto';
import type { Commands } from '../../src/application/client/book.js';
import type { Waiting } from '../../src/application/client/settle.js';
import { type CommandSideParts, createCommandSide } from '../../src/application/command-side.js';
import type { EventStore } from '../../src/event-store/event-store.js';
import { emptyIndex } from './submissions.js';
import { zoneRules } from './zone-rules.js';

/** Time that passes by pauses alone. */
export function pausesOnly(): Waiting {
  let elapsed = 0;
  return {
    elapsed: () => elapsed,
    async pause(ms, signal) {
      signal.throwIfAborted();
      elapsed += ms;
    },
  };
}

/** The command side of a process of its own, over a store that others use, too. It does not wait. */
export function commandProcess(
  store: EventStore,
  parts: Partial<Pick<CommandSideParts, 'patience' | 'waiting' | 'clientOverlap' | 'onReleaseFailed'>> = {},
): Commands {
  return createCommandSide({
    store,
    requests: emptyIndex,
    newId: randomUUID,
    coachBytes: 1_000_000,
    clientBytes: 1_000_000,
    onReleaseFailed: () => {},
    clientOverlap: 'refuse',
    waiting: pausesOnly(),
    zoneRules,
    ...parts,
  });
}
