import type { Metric } from '../metrics.js';
import type { FeedState } from './feed-states.js';

/** What the states of feeds are in numbers, without those that are off: their lag grows for ever. */
export function feedMetrics(states: readonly FeedState[]): Metric[] {
  const metric = (name: string, help: string, of: (state: FeedState) => number | undefined): Metric => ({
    name: `scheduler_feed_${name}`,
    help,
    samples: states.flatMap((state) => {
      const value = state.state === 'off' ? undefined : of(state);
      return value === undefined ? [] : [{ labels: { feed: state.feed }, value }];
    }),
  });
  return [
    metric('running', '1 while a process delivers the feed without errors, else 0.', ({ state }) =>
      state === 'running' ? 1 : 0,
    ),
    metric('lag_positions', 'How far the log is ahead of the feed.', ({ lag }) => Number(lag.positions)),
    metric('lag_seconds', 'How long the oldest change that is not delivered has waited.', ({ lag }) => lag.ms / 1_000),
    metric(
      'last_success_timestamp_seconds',
      'When the feed moved on last.',
      ({ movedAt }) => movedAt && movedAt.getTime() / 1_000,
    ),
  ];
}
