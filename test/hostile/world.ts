/** What callers know of the service: the ids of what is there, and tokens that it gave. */
export interface World {
  readonly coaches: readonly string[];
  readonly clients: readonly string[];
  readonly sessions: readonly string[];
  readonly holds: readonly string[];
  readonly series: readonly string[];
  readonly timeOff: readonly string[];
  readonly webhooks: readonly string[];
  readonly pageTokens: readonly string[];
  readonly consistencyTokens: readonly string[];
}

/** The URL of a receiver that the service refuses to call, without asking anybody for its address. */
export const NOWHERE = 'https://localhost/hooks';

/** A minute of the day on which the world's sessions take place, as RFC 3339. */
export const atMinute = (minute: number): string =>
  new Date(Date.parse('2030-03-01T00:00:00Z') + minute * 60_000).toISOString();
