import type { CommandOn, WebhookCommand, Webhooks, WebhookTarget } from '../../application/webhooks.js';
import type { Webhook } from '../../gen/aceup/scheduler/v1/webhook_pb.js';
import { digest } from '../answer/tokens.js';
import type { Call } from '../call.js';
import { changeTypes, typesGiven } from '../request/change-types.js';
import { type Broken, check, etag, optionalHashId, reason, requestId, required, uuid } from '../request/fields.js';
import { etagGiven } from '../request/submit-command.js';

/** What a request says of a webhook: its target, or what is wrong with it. */
export function brokenTarget({ brokenUrl }: Pick<Webhooks, 'brokenUrl'>, given: Webhook | undefined): Broken[] {
  if (!given) return [required('webhook', given)];
  const broken = given.url === '' ? 'is required' : brokenUrl(given.url);
  return [
    broken === undefined ? undefined : { field: 'webhook.url', description: broken },
    optionalHashId('webhook.coach_hash_id', given.coachHashId),
    optionalHashId('webhook.client_hash_id', given.clientHashId),
    changeTypes('webhook.types', given.types),
    reason('webhook.description', given.description),
  ];
}

/** The target that a request gives which `brokenTarget` finds no fault with. */
export function targetGiven(given: Webhook | undefined): WebhookTarget {
  if (!given) throw new Error('checked before');
  const { url, coachHashId, clientHashId, types, description } = given;
  return {
    url,
    coachHashId: coachHashId || undefined,
    clientHashId: clientHashId || undefined,
    types: types.length > 0 ? [...typesGiven(types)] : [],
    description,
  };
}

/** What the requests of commands for a webhook have. */
interface CommandRequest {
  readonly id: string;
  readonly requestId: string;
  readonly etag?: string;
}

/**
 * The command that a request for a webhook gives. Throws INVALID_ARGUMENT with all violations.
 * @param content what the command asks for besides, as plain values
 * @param others the violations of the request's other fields
 */
export function commandGiven(request: CommandRequest, call: Call, content: unknown, ...others: Broken[]): CommandOn {
  const { id, etag: wanted = '' } = request;
  check(uuid('id', id), ...others, etag('etag', wanted), requestId('request_id', request.requestId));
  const on = { id: id.toLowerCase(), etag: etagGiven({ etag: wanted }, call) };
  return { ...on, ...requestGiven(request, call, [on, content]) };
}

/** How a command can be known again. */
export function requestGiven(request: { readonly requestId: string }, call: Call, content: unknown): WebhookCommand {
  const fingerprint = digest([call.method.name, content]);
  return { subject: call.principal.subject, requestId: request.requestId, fingerprint };
}
