import type { Change } from '../../application/change-feed.js';
import type { Delivery, PauseReason } from '../../application/webhooks.js';
import { retryAfterMs } from '../../outbound/retry-after.js';
import type { Clock } from './clock.js';
import type { Gate } from './gate.js';
import type { Poster } from './post-event.js';
import { requestOf } from './request.js';
import type { RequestTurns } from './request-turns.js';
import { LONGEST_PAUSE, PATIENCE, pauseAfter } from './retries.js';
import { secretsOf, type WebhookRow } from './webhook-rows.js';

/** What all webhooks of a process share. */
export interface Delivering {
  readonly poster: Poster;
  readonly clock: Clock;
  /** The body that a change is posted with. */
  readonly bodyOf: (change: Change) => string;
  /** Gives ids for attempts, each after those before. */
  readonly newId: () => string;
  /** Shares the requests of the process. */
  readonly requestTurns: RequestTurns;
  /** Resolves when this process is known to hold the lease. Rejects with the reason of the signal. */
  readonly holdsLease: (signal: AbortSignal) => Promise<void>;
}

/** Makes the attempts of one webhook, and keeps account of them. */
export interface Attempts {
  /** Since when nothing was taken, and why; undefined: the last attempt succeeded. */
  failure(): { readonly failingSince: number | undefined; readonly lastError: string | undefined };
  /**
   * Tries to deliver a change, and answers how long to wait before the next attempt if it was not taken. Rejects with the
   * reason of the signal.
   * @param nr which attempt for the change it is, from 1
   */
  make(change: Change, nr: number): Promise<Refused | undefined>;
  /** The attempts since the last call, without some that succeeded when there are many. */
  takeLog(): readonly Delivery[];
}

/** A change was not taken. */
export interface Refused {
  readonly error: string;
  /** Milliseconds until the next attempt. */
  readonly pause: number;
}

/** What the attempts of one webhook need. */
export interface AttemptParts extends Delivering {
  readonly webhook: () => WebhookRow;
  readonly gate: Gate;
  readonly signal: AbortSignal;
  readonly failingSince: number | undefined;
  readonly lastError: string | undefined;
  /** The receiver has taken something, after it was taken for down. */
  readonly onRecovered: () => void;
  /** The webhook is to be paused. */
  readonly onPause: (reason: PauseReason, detail: string) => void;
}

/** The most attempts of a webhook that wait to be logged. */
const MAX_LOGGED = 200;

/** The statuses that ask a sender to slow down as a whole. */
const SLOW_DOWN = [429, 503];

const GONE = 410;

/** Attempts of a webhook. */
export function createAttempts(parts: AttemptParts): Attempts {
  const { webhook, gate, signal, poster, clock, bodyOf, newId, holdsLease, onRecovered, onPause } = parts;
  const turns = parts.requestTurns.ofWebhook();
  let { failingSince, lastError } = parts;
  let log: Delivery[] = [];

  function note(delivery: Delivery): void {
    if (log.length >= MAX_LOGGED) {
      const dropped = log.findIndex(({ succeeded }) => succeeded);
      log.splice(Math.max(dropped, 0), 1);
    }
    log.push(delivery);
  }

  function failed(error: string, status: number | undefined): void {
    failingSince ??= clock.now();
    lastError = error;
    gate.failed();
    if (status === GONE) onPause('gone', 'the receiver answered 410: it wants no more');
    else if (clock.now() - failingSince >= PATIENCE) {
      onPause('failing', `every delivery has failed since ${new Date(failingSince).toISOString()}; the last: ${error}`);
    }
  }

  return {
    failure: () => ({ failingSince, lastError }),

    async make(change, nr) {
      const posted = await turns.take(signal, async () => {
        await holdsLease(signal);
        const at = clock.now();
        const { headers, body } = requestOf(change.id, bodyOf(change), at, secretsOf(webhook(), at));
        return { at, ...(await poster.post(webhook().url, headers, body, signal)) };
      });
      const { at, status, error, duration } = posted;
      const succeeded = error === undefined;
      note({
        id: newId(),
        at,
        changeId: change.id,
        position: change.position,
        type: change.name,
        coachHashId: change.event.coachHashId,
        attempt: nr,
        succeeded,
        status,
        error: error ?? '',
        duration,
        responseBody: succeeded ? '' : posted.body,
      });
      if (succeeded) {
        failingSince = undefined;
        lastError = undefined;
        if (gate.succeeded()) onRecovered();
        return undefined;
      }
      failed(error, status);
      const asked = retryAfterMs(posted.retryAfter, clock.now(), LONGEST_PAUSE);
      if (asked !== undefined && SLOW_DOWN.includes(status ?? 0)) gate.rest(asked);
      return { error, pause: Math.max(pauseAfter(nr), asked ?? 0) };
    },

    takeLog() {
      const taken = log;
      log = [];
      return taken;
    },
  };
}
