import type { DescMethod, JsonObject, JsonValue } from '@bufbuild/protobuf';
import { CANCELLING, TABLE } from '../doors/access/table.js';
import type { Caller } from './callers.js';
import type { Owners } from './owners.js';

/*
 * Who may ask for what, written down a second time: from the table of the tests, and from a request as it is sent. The
 * service's own rules are not used.
 */

/** The roles that may call a method besides services and admins, and whether a list leaves out what is of others. */
interface Rule {
  readonly analyst: boolean;
  readonly coach: boolean;
  readonly client: boolean;
  readonly leavesOutOthers: boolean;
  /** Whether it is about a coach or about a client, whichever the request names. */
  readonly ofEither: boolean;
  /** Whether services may not call it either. */
  readonly adminsOnly: boolean;
}

const BOTH = { analyst: false, coach: true, client: true, leavesOutOthers: false, ofEither: false, adminsOnly: false };

const RULES: ReadonlyMap<string, Rule> = new Map([
  ...TABLE.map((row): [string, Rule] => [
    row.method.name,
    {
      analyst: row.analyst,
      coach: row.coach,
      client: row.client,
      leavesOutOthers: row.others === 'an empty list',
      ofEither: row.ofEither ?? false,
      adminsOnly: row.adminsOnly ?? false,
    },
  ]),
  ...CANCELLING.map(({ method }): [string, Rule] => [method.name, BOTH]),
]);

function ruleOf({ name }: DescMethod): Rule {
  const rule = RULES.get(name);
  if (!rule) throw new Error(`test/doors/access/table.ts does not have ${name}`);
  return rule;
}

/** Whether the roles of a caller let it call a method, about somebody. */
export function mayCall({ roles }: Caller, method: DescMethod): boolean {
  const rule = ruleOf(method);
  if (mayAskAnything(roles, rule)) return true;
  return (['analyst', 'coach', 'client'] as const).some((role) => roles.has(role) && rule[role]);
}

/** Whether the key of a link in the request may take the place of a token. */
export function isByLink({ name }: DescMethod): boolean {
  return TABLE.some(({ method, byLink }) => byLink && method.name === name);
}

/** Whether a caller may send this request. @param request in proto names, as it is sent */
export function mayAsk(caller: Caller, method: DescMethod, request: JsonObject, owners: Owners): boolean {
  const { roles, coach, client } = caller;
  const rule = ruleOf(method);
  if (mayAskAnything(roles, rule) || (roles.has('analyst') && rule.analyst)) return true;
  const asCoach = roles.has('coach') && rule.coach;
  const asClient = roles.has('client') && rule.client;
  if (rule.leavesOutOthers) return asCoach || asClient;

  const things = valuesOf(request, ['id', 'session_id', 'series_id']).map((id) => owners.get(id.toLowerCase()));
  const cancelledBy = request['cancelled_by'];
  // Who names nobody of their kind asks about somebody of the other.
  const names = (id: string) => !rule.ofEither || valuesOf(request, [id]).length > 0;
  const isCancelledBy = (party: string) => cancelledBy === undefined || cancelledBy === party;
  const mayAsCoach =
    asCoach &&
    isCancelledBy('PARTY_COACH') &&
    names('coach_hash_id') &&
    valuesOf(request, ['coach_hash_id', 'coach_hash_ids']).every((id) => id === coach) &&
    things.every((owner) => owner?.coach === coach);
  const mayAsClient =
    asClient &&
    isCancelledBy('PARTY_CLIENT') &&
    names('client_hash_id') &&
    request['ignore_policy'] !== true &&
    valuesOf(request, ['client_hash_id']).every((id) => id === client) &&
    things.every((owner) => owner !== undefined && owner.client === client);
  return mayAsCoach || mayAsClient;
}

/** Whether a caller may call a method about anybody. */
function mayAskAnything(roles: Caller['roles'], { adminsOnly }: Rule): boolean {
  return roles.has('admin') || (roles.has('service') && !adminsOnly);
}

/** The texts under these names, at any depth, that are not empty. */
function valuesOf(value: JsonValue, names: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => valuesOf(one, names));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const own = names.includes(name) ? [inner].flat().map(String) : [];
    return [...own.filter((text) => text !== ''), ...valuesOf(inner, names)];
  });
}
