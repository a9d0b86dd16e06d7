import type { WantedEtag } from '../domain/coach/etag.js';
import type { Position } from '../event-store/event-store.js';
import type { ChangeEvent } from './change-feed.js';
import type { ListKey } from './read-model.js';

/** How many webhooks there may be. */
export const MAX_WEBHOOKS = 1_000;

/** What a webhook is told, and where. */
export interface WebhookTarget {
  readonly url: string;
  /** Only changes of this coach; undefined: of all coaches. */
  readonly coachHashId: string | undefined;
  /** Only changes that concern this client; undefined: all clients. */
  readonly clientHashId: string | undefined;
  /** Empty: all changes of sessions. */
  readonly types: readonly ChangeEvent['type'][];
  readonly description: string;
}

/** Why a webhook is paused. */
export type PauseReason = 'by_admin' | 'failing' | 'gone' | 'not_in_log';

/** A webhook. Times are in epoch milliseconds. */
export interface Webhook extends WebhookTarget {
  readonly id: string;
  /** Undefined: it is active. */
  readonly pauseReason: PauseReason | undefined;
  /** The same in words. */
  readonly pauseDetail: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly etag: string;
  readonly formerSecretUntil: number | undefined;
}

/** How far a webhook has come. */
export interface Progress {
  /** Every change up to here was delivered, but for those of coaches that are held up. */
  readonly position: Position;
  readonly lastError: string | undefined;
  readonly failingSince: number | undefined;
  /** Those that have waited longest. */
  readonly heldUp: readonly HeldUp[];
  /** How many there are in all. */
  readonly heldUpCount: number;
}

/** A coach whose changes wait for one that the receiver refused. */
export interface HeldUp {
  readonly coachHashId: string;
  readonly changeId: string;
  readonly revision: number;
  readonly attempts: number;
  readonly since: number;
  readonly nextAttemptAt: number;
  readonly lastError: string;
}

/** An attempt to deliver something. */
export interface Delivery {
  readonly id: string;
  readonly at: number;
  readonly changeId: string;
  /** 0 for a test. */
  readonly position: Position;
  readonly type: string;
  readonly coachHashId: string;
  /** From 1. */
  readonly attempt: number;
  readonly succeeded: boolean;
  readonly status: number | undefined;
  /** Empty when it succeeded. */
  readonly error: string;
  /** Milliseconds. */
  readonly duration: number;
  readonly responseBody: string;
}

/** Who asks for a command, and how it can be known again. */
export interface WebhookCommand {
  readonly subject: string;
  /** Empty: it is not known again. */
  readonly requestId: string;
  /** Equal for equal content. */
  readonly fingerprint: string;
}

/** A command for a webhook that is there. */
export interface CommandOn extends WebhookCommand {
  readonly id: string;
  readonly etag: WantedEtag;
}

/** A webhook with its secret. */
export interface WithSecret {
  readonly webhook: Webhook;
  readonly secret: string;
}

/** Why a command was not carried out. */
export type WebhookRefusal =
  | { readonly refused: 'not-found' }
  | { readonly refused: 'stale-etag'; readonly etag: string }
  | { readonly refused: 'quota' }
  | { readonly refused: 'request-id-reused' };

/** What is on a page of a list. */
export interface PageRows<Row> {
  readonly rows: readonly Row[];
  /** Whether nothing comes after it. */
  readonly isLast: boolean;
}

/**
 * The webhooks, as those who run the service see and change them. The same `requestId` of the same subject gets the same
 * answer for 30 days. Everything throws `ReadModelUnavailable` when Postgres is unavailable.
 */
export interface Webhooks {
  /** Which rule the URL of a receiver breaks, as a sentence about it; undefined: none. */
  brokenUrl(url: string): string | undefined;
  /** @param after the position after which to begin */
  create(command: WebhookCommand, target: WebhookTarget, after: Position): Promise<WithSecret | WebhookRefusal>;
  update(command: CommandOn, target: WebhookTarget): Promise<Webhook | WebhookRefusal>;
  delete(command: CommandOn): Promise<'deleted' | WebhookRefusal>;
  pause(command: CommandOn, detail: string): Promise<Webhook | WebhookRefusal>;
  resume(command: CommandOn): Promise<Webhook | WebhookRefusal>;
  /** @param after the position after which to begin anew */
  replay(command: CommandOn, after: Position): Promise<Webhook | WebhookRefusal>;
  /** @param overlap milliseconds for which deliveries are signed with the former secret too */
  rotateSecret(command: CommandOn, overlap: number): Promise<WithSecret | WebhookRefusal>;
  /** Answers whether the change held the coach up. */
  skip(command: CommandOn, coachHashId: string, changeId: string): Promise<boolean | WebhookRefusal>;
  /** Posts an event of its own at once. Undefined: there is no such webhook. */
  test(id: string, signal: AbortSignal): Promise<Delivery | undefined>;
  get(id: string): Promise<WebhookState | undefined>;
  /**
   * At most `limit` after a key (exclusive), in order of `createdAt`, then id. Fewer when many coaches are held up; one at
   * least if there is one.
   */
  list(after: ListKey | undefined, limit: number): Promise<PageRows<WebhookState>>;
  /**
   * At most `limit` before a key (exclusive), the newest first. Fewer when answers are long; one at least if there is one.
   * Undefined: there is no such webhook.
   */
  deliveries(query: DeliveryQuery, before: ListKey | undefined, limit: number): Promise<PageRows<Delivery> | undefined>;
}

/** A webhook, and how far it has come. */
export interface WebhookState {
  readonly webhook: Webhook;
  readonly progress: Progress;
}

/** Which deliveries to list. */
export interface DeliveryQuery {
  /** The webhook. */
  readonly id: string;
  readonly failedOnly: boolean;
}
