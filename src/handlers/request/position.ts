import type { Position } from '../../event-store/event-store.js';
import type { Broken } from './fields.js';

/** A position after which to begin; undefined: none is given. */
export function position(field: string, value: Position | undefined): Broken {
  return value !== undefined && value < 0n ? { field, description: 'must be 0 or more' } : undefined;
}

/** As `position`, of a log that ends at `head`. */
export function notAhead(field: string, value: Position | undefined, head: Position): Broken {
  if (value === undefined || value <= head) return undefined;
  const why = 'it is of another log, or this one was restored';
  return { field, description: `is ahead of the log, whose last position is ${head}: ${why}` };
}
