import type { Logger } from 'pino';

/** Logs the release of the rules of time zones, and warns when those of Node are newer. */
export function logZoneRules(version: string, log: Logger, ofNode = process.versions['tz'] ?? ''): void {
  log.info({ zoneRules: version }, 'the rules of time zones are loaded');
  // The names of releases grow: 2026f comes before 2027a.
  if (ofNode > version)
    log.warn(`the rules of time zones are of ${version}, Node's of ${ofNode}: point ZONE_RULES to a newer tzdata.zi`);
}
