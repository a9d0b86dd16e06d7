import { createRequire } from 'node:module';

/** The table of Unicode's CLDR, as its package has it. */
interface WindowsZones {
  readonly supplemental: {
    readonly windowsZones: {
      readonly mapTimezones: readonly {
        readonly mapZone: { readonly _other: string; readonly _type: string; readonly _territory: string };
      }[];
    };
  };
}

/** The territory of those who say nothing of theirs. */
const WORLD = '001';

let known: ReadonlyMap<string, string> | undefined;

/** The IANA name of a zone that Windows calls by this name, in whatever case; undefined when it has no such zone. */
export function zoneOfWindows(name: string): string | undefined {
  known ??= readTable();
  return known.get(name.toLowerCase());
}

function readTable(): ReadonlyMap<string, string> {
  const { supplemental } = createRequire(import.meta.url)('cldr-core/supplemental/windowsZones.json') as WindowsZones;
  const zones = supplemental.windowsZones.mapTimezones.map(({ mapZone }) => mapZone);
  return new Map(
    zones
      .filter(({ _territory }) => _territory === WORLD)
      .map(({ _other, _type }) => [_other.toLowerCase(), _type.split(' ')[0]!]),
  );
}
