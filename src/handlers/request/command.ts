import type { Commands } from '../../application/commands.js';
import type { Accepted } from '../../application/submission.js';
import type { CoachCommand } from '../../domain/coach/commands.js';
import { accepted } from '../answer/outcome.js';
import { consistencyToken } from '../answer/tokens.js';
import type { Call } from '../call.js';
import { metadataFor } from './metadata.js';

/** What the handlers of commands need. */
export interface CommandParts {
  readonly commands: Commands;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Gives ids for sessions, holds and series. */
  readonly newId: () => string;
  /** Gives ids for reservations of clients' time; empty ones when there is no rule for clients. */
  readonly newReservationId: () => string;
}

/** What every request of a command has. */
interface CommandRequest {
  readonly requestId: string;
  readonly validateOnly: boolean;
}

/**
 * Carries a command out. Throws the error that stands for any outcome but acceptance.
 * @param content what the command asks for, as plain values: a `request_id` is good for the same content only
 */
export async function submit(
  { commands }: Pick<CommandParts, 'commands'>,
  call: Call,
  { requestId, validateOnly }: CommandRequest,
  command: CoachCommand,
  content: unknown,
): Promise<{ readonly accepted: Accepted; readonly consistencyToken: string }> {
  const metadata = metadataFor(call, requestId, [call.method.name, content]);
  const outcome = accepted(await commands.submit({ command, metadata, validateOnly, signal: call.signal }));
  const { position } = outcome;
  return { accepted: outcome, consistencyToken: position === undefined ? '' : consistencyToken(position) };
}
