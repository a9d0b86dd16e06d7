import type { Zone } from '../../src/domain/zones/zone-rules.js';
import { loadZoneRules } from '../../src/zone-rules/load-zone-rules.js';

/** The rules that come with the service. */
export const zoneRules = loadZoneRules();

/** A zone that there is. */
export function zoneNamed(name: string): Zone {
  const zone = zoneRules.zone(name);
  if (!zone) throw new Error(`there is no zone ${name}`);
  return zone;
}
