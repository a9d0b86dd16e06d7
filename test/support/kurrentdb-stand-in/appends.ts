import type { NodeError } from './errors.js';
import type { Expected, ProposedEvent } from './event-log.js';
import type { Fault } from './faults.js';
import type { Node } from './node.js';

/** An append, by either kind of request. */
export interface Append {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: readonly ProposedEvent[];
}

/** What a node says to an append. */
export type AppendAnswer =
  | { readonly kind: 'success'; readonly revision: bigint; readonly position: bigint }
  | { readonly kind: 'wrongVersion'; readonly current: bigint }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'tooLarge'; readonly most: number }
  | { readonly kind: 'commitTimeout' }
  /** The request makes no sense. */
  | { readonly kind: 'badRequest' }
  | { readonly kind: 'error'; readonly error: NodeError };

/** Bytes that an append may have, as in a node without settings of its own. */
const MOST_BYTES = 1_048_576;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Carries out an append as far as the fault lets it. Resolves to nothing when nothing must be answered.
 * @param peer the connection over which the append came
 */
export async function appendUnder(
  fault: Fault | undefined,
  node: Node,
  peer: string,
  append: Append,
): Promise<AppendAnswer | undefined> {
  switch (fault) {
    case undefined:
      return carryOut(node, append);
    case 'cutBefore':
    case 'end':
      node.cut(peer);
      return undefined;
    case 'cutAfter':
      await carryOut(node, append);
      node.cut(peer);
      return undefined;
    case 'silentBefore':
      return undefined;
    case 'silentAfter':
      await carryOut(node, append);
      return undefined;
    default:
      return { kind: 'error', error: fault };
  }
}

async function carryOut(node: Node, { stream, expected, events }: Append): Promise<AppendAnswer> {
  // A node takes an append of no events for a success. To ask for it is a mistake, which must not pass unnoticed.
  if (events.length === 0) return { kind: 'badRequest' };
  if (stream === '' || events.some(({ id, type }) => !UUID.test(id) || type === '')) return { kind: 'badRequest' };
  const size = events.reduce((sum, { type, data, metadata }) => sum + type.length + data.length + metadata.length, 0);
  if (size > MOST_BYTES) return { kind: 'tooLarge', most: MOST_BYTES };
  const outcome = node.log.write(stream, expected, events);
  switch (outcome.kind) {
    case 'written':
      await node.committed();
      return { kind: 'success', revision: outcome.revision, position: outcome.position };
    case 'beingWritten':
      await node.commitTimeout();
      return { kind: 'commitTimeout' };
    default:
      return outcome;
  }
}
