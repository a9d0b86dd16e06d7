import type { Logger } from 'pino';
import { createRateLimits, type RateLimitSettings, type RateLimits } from './rate-limits.js';

/** The settings of the limits, and where they are counted. */
export interface OpenRateLimitSettings extends RateLimitSettings {
  /** The Redis in which all processes count together; undefined: this process counts by itself. */
  readonly RATE_LIMIT_REDIS_URL?: string | undefined;
}

/**
 * The limits that the settings ask for. Resolves within about a second, whether Redis answers or not.
 * @param onStop gets what is to be called when the service stops
 */
export async function openRateLimits(
  settings: OpenRateLimitSettings,
  log: Logger,
  onStop: (stop: () => void) => void,
): Promise<RateLimits> {
  const { RATE_LIMIT_REDIS_URL: url } = settings;
  if (!url) return createRateLimits(settings);
  // Only those who have a Redis pay for its client: a tenth of a second of the start.
  const { openSharedQuotas } = await import('./shared-quotas.js');
  const shared = await openSharedQuotas(url, log);
  onStop(shared.close);
  return createRateLimits(settings, shared);
}
