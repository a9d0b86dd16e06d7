import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Correctable } from '../correctable.js';
import { readZoneRules, type ZoneRules } from '../domain/zones/zone-rules.js';

/** The release that comes with the service, as IANA publishes it. */
const OWN_RELEASE = fileURLToPath(new URL('./tzdata.zi', import.meta.url));

/** The file that ZONE_RULES names cannot be read, or has no rules of time zones. */
export class ZoneRulesUnreadable extends Correctable {
  override readonly name = 'ZoneRulesUnreadable';
}

/**
 * Loads the rules of time zones, in about 40 ms.
 * @param path a file in the form of tzdata.zi, or a folder that has one, such as /usr/share/zoneinfo; by default the
 * release that comes with the service
 */
export function loadZoneRules(path = OWN_RELEASE): ZoneRules {
  try {
    const file = statSync(path).isDirectory() ? join(path, 'tzdata.zi') : path;
    return readZoneRules(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = (error as Error).message;
    throw new ZoneRulesUnreadable(`ZONE_RULES=${path} is not a file of zone rules such as tzdata.zi: ${why}`);
  }
}
