import type { Answered } from './answers.js';
import type { Caller } from './callers.js';
import type { Input } from './inputs.js';
import { isOf, type Owners } from './owners.js';

/** Ids that an answer to a coach, a client or nobody had, and the request had not. */
export interface Seen {
  readonly input: Input;
  readonly ids: readonly string[];
}

const IDS = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?:coach|client)-\d+/g;

/** The ids to look at when the log is complete; undefined for a caller who may see everything, and when there are none. */
export function idsSeen(input: Input, { text }: Answered): Seen | undefined {
  if (
    input.caller?.isAccepted &&
    (['service', 'admin', 'analyst'] as const).some((one) => input.caller?.roles.has(one))
  )
    return undefined;
  // An id may be sent in upper case.
  const sent = Buffer.concat(input.writes).toString('latin1').toLowerCase();
  const ids = [...new Set(text.match(IDS))].filter((id) => !sent.includes(id));
  return ids.length > 0 ? { input, ids } : undefined;
}

/** The ids that a caller had no right to see: those of others, of their things, and of who has to do with them. */
export function foreignIds({ input, ids }: Seen, owners: Owners): string[] {
  const people = new Set([...owners.values()].flatMap(({ coach, client }) => [coach, client]));
  const own = input.caller?.isAccepted ? peopleAround(input.caller, owners) : new Set<string>();
  return ids.filter((id) => {
    const owner = owners.get(id);
    if (owner) return !input.caller?.isAccepted || !isOf(input.caller, owner);
    return people.has(id) && !own.has(id);
  });
}

/** The caller, and with whom it has sessions. */
function peopleAround(caller: Caller, owners: Owners): Set<string | undefined> {
  const own = [...owners.values()].filter((owner) => isOf(caller, owner));
  return new Set([caller.coach, caller.client, ...own.flatMap(({ coach, client }) => [coach, client])]);
}
