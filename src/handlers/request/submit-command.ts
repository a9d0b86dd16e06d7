import type { Commands } from '../../application/client/book.js';
import type { Accepted } from '../../application/submission.js';
import type { CoachCommand } from '../../domain/coach/commands.js';
import { ANY_VERSION, type WantedEtag } from '../../domain/coach/etag.js';
import type { ZoneRules } from '../../domain/zones/zone-rules.js';
import type { EventMetadata } from '../../gen/aceup/scheduler/v1/events_pb.js';
import { checkOwnCommand } from '../access/own-commands.js';
import { actsForAnybody } from '../access/principal.js';
import { acceptedOrThrow } from '../answer/outcome.js';
import { consistencyToken, digest } from '../answer/tokens.js';
import type { Call } from '../call.js';
import { actor, check } from './fields.js';

/** The header (gRPC: metadata key) in which a service or an admin says on whose behalf it acts. */
export const ACTOR_HEADER = 'x-actor';

// https://www.w3.org/TR/trace-context/#traceparent-header-field-values
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** What the handlers of commands need. */
export interface CommandParts {
  readonly commands: Commands;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly zoneRules: ZoneRules;
  /** Gives ids for sessions, holds and series. */
  readonly newId: () => string;
}

/** What every request of a command has. */
interface CommandRequest {
  readonly requestId: string;
  readonly validateOnly: boolean;
}

/**
 * Carries out a command. Throws the error for any outcome but acceptance, INVALID_ARGUMENT for a malformed actor
 * that would be kept, and PERMISSION_DENIED for what only others may ask for: before the `request_id` is looked up.
 * @param content what the command asks for, as plain values: a `request_id` belongs to one content
 */
export async function submit(
  { commands }: Pick<CommandParts, 'commands'>,
  call: Call,
  { requestId, validateOnly }: CommandRequest,
  command: CoachCommand,
  content: unknown,
): Promise<{ readonly accepted: Accepted; readonly consistencyToken: string }> {
  checkOwnCommand(call.scope, command);
  const metadata = metadataOf(call, requestId, [call.method.name, content]);
  const { cancellation } = call;
  const outcome = acceptedOrThrow(await commands.submit({ command, metadata, validateOnly, cancellation }));
  const { position } = outcome;
  return { accepted: outcome, consistencyToken: position === undefined ? '' : consistencyToken(position) };
}

/** The versions that a command is for; undefined: any. */
export function etagGiven({ etag }: { readonly etag: string }, { ifMatch }: Call): WantedEtag {
  return etag || (ifMatch === '*' ? ANY_VERSION : ifMatch);
}

/** That a command is against the policy, if it is: what earlier versions did not know stays out of fingerprints. */
export function ignoring({ ignorePolicy }: { readonly ignorePolicy: boolean }): { readonly ignorePolicy?: true } {
  return ignorePolicy ? { ignorePolicy } : {};
}

/** The metadata of the events of a command. An equal content gives an equal fingerprint. */
function metadataOf(call: Call, requestId: string, content: unknown): EventMetadata {
  const traceparent = call.header('traceparent') ?? '';
  return {
    $typeName: 'aceup.scheduler.v1.EventMetadata',
    correlationId: call.correlationId,
    requestId,
    requestFingerprint: requestId && digest(content),
    traceparent: TRACEPARENT.test(traceparent) ? traceparent : '',
    actor: actorOf(call),
    subject: call.principal.subject,
  };
}

/** Who asks: the caller itself, unless it may speak for others and says for whom. */
function actorOf({ principal, header }: Call): string {
  const { subject } = principal;
  if (!actsForAnybody(principal)) return subject;
  const given = header(ACTOR_HEADER) ?? '';
  check(actor(ACTOR_HEADER, given));
  return given || subject;
}
