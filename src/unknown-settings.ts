/** The parts of names that only this service uses: whoever sets such a variable means one of its settings. */
const OWN =
  /^(EVENT_STORE|READ_MODEL|CORS|ALLOWED_HOST|TLS_(CERT|KEY|CLIENT)_|ALLOW_UNAUTH|AUTH_(TOKENS|JWK|AUDIENCE|ROLES_CL|COACH|CLIENT_CL)|COACH_CACHE|CLIENT_CACHE|PROJECTION_LAG|SHUTDOWN_(DRAIN|GRACE)|SINK_(REDIS|KAFKA))/;

/** Near to settings, and variables of others: OpenSSL and all that follows it. */
const OF_OTHERS = new Set(['SSL_CERT_FILE', 'SSL_KEY_FILE']);

/** From this length on, a name may differ by two mistakes; a shorter one is often another word then. */
const LONG = 10;

/**
 * Environment variables that are no settings but look like misspelt ones: a sentence for each. An environment has many
 * variables of others, so a name counts only if it is very near to a setting, leaves out its unit, or begins as only
 * settings of this service do.
 * @param known the names of the settings
 */
export function misspeltSettings(
  env: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
): readonly string[] {
  return Object.keys(env)
    .filter((name) => env[name] !== '' && !known.includes(name) && !OF_OTHERS.has(name))
    .flatMap((name) => {
      const nearest = nearestTo(name, known);
      return nearest ? [`${name} is not a setting and has no effect; did you mean ${nearest}?`] : [];
    });
}

function nearestTo(name: string, known: readonly string[]): string | undefined {
  const upper = name.toUpperCase();
  const candidates = known
    .map((setting) => ({ setting, mistakes: mistakesIn(upper, setting) }))
    .sort((one, other) => one.mistakes - other.mistakes);
  const near = candidates.find(({ setting, mistakes }) => isNear(upper, setting, mistakes));
  return (near ?? (OWN.test(upper) ? candidates[0] : undefined))?.setting;
}

function isNear(name: string, setting: string, mistakes: number): boolean {
  // COACH_CACHE for COACH_CACHE_MB. A single word, such as LOG or DATA, may be anybody's.
  if (name.includes('_') && setting.startsWith(`${name}_`)) return true;
  if (setting.length >= LONG) return mistakes <= 2;
  // COST and POST are no mistakes for HOST: few people mistype the first letter.
  return mistakes <= 1 && name[0] === setting[0];
}

/** How many letters were left out, added, changed or swapped with their neighbour: the optimal string alignment. */
function mistakesIn(written: string, meant: string): number {
  let before: number[] = [];
  let last = Array.from({ length: meant.length + 1 }, (_, column) => column);
  for (let row = 1; row <= written.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= meant.length; column += 1) {
      const same = written[row - 1] === meant[column - 1] ? 0 : 1;
      next.push(Math.min(last[column]! + 1, next[column - 1]! + 1, last[column - 1]! + same));
      const swapped = written[row - 1] === meant[column - 2] && written[row - 2] === meant[column - 1];
      if (swapped) next[column] = Math.min(next[column]!, before[column - 2]! + 1);
    }
    before = last;
    last = next;
  }
  return last[meant.length]!;
}
