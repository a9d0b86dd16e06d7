import type { FeedState } from '../feeds/feed-states.js';
import { lastingOf, textTable } from '../text-table.js';

const HEADINGS = ['FEED', 'STATE', 'POSITION', 'BEHIND', 'LAST MOVED', 'LAST ERROR'];

/**
 * Feeds as a table for people, a line each under the headings.
 * @param now epoch milliseconds
 */
export function tableOf(states: readonly FeedState[], now: number): string {
  if (states.length === 0) return 'There is no feed: the settings name no sink, and there is no webhook.';
  const rows = states.map((state) => [
    state.feed,
    state.state,
    state.position === undefined ? '-' : String(state.position),
    behind(state),
    state.movedAt?.toISOString() ?? '-',
    errorOf(state, now),
  ]);
  return textTable(HEADINGS, rows);
}

/** Feeds as JSON for scripts. */
export function jsonOf(states: readonly FeedState[]): string {
  const listed = states.map(({ feed, state, position, lag, lastError, failingSince, movedAt }) => ({
    feed,
    state,
    position: position === undefined ? undefined : String(position),
    lag_positions: String(lag.positions),
    lag_seconds: lag.ms / 1_000,
    last_moved_at: movedAt,
    last_error: lastError,
    failing_since: failingSince,
  }));
  return JSON.stringify(listed, undefined, 2);
}

function behind({ lag }: FeedState): string {
  return lag.positions === 0n && lag.ms === 0 ? '0' : `${lag.positions} (${lastingOf(lag.ms)})`;
}

function errorOf({ lastError, failingSince }: FeedState, now: number): string {
  if (lastError === undefined) return '-';
  return failingSince ? `${lastError} (for ${lastingOf(now - failingSince.getTime())})` : lastError;
}
