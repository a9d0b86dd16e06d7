import { type DescMessage, type DescMethod, getOption, hasOption, type Message } from '@bufbuild/protobuf';
import { unauthenticated } from '../../authentication/authenticator.js';
import { Access_Role, access } from '../../gen/aceup/scheduler/v1/access_pb.js';
import { denied } from '../answer/errors.js';
import { FOR_ANYBODY, type Principal, type Role, STRANGER } from './principal.js';
import { ANYBODY, BY_KEY, type Scope } from './scope.js';

/** What the access option of one method says. */
export interface AccessRule {
  /** Whether the key of a secret link may take the place of a token. */
  readonly byLink: boolean;
  /**
   * Throws PERMISSION_DENIED for a caller without a role that may call the method, whatever it asks for. Of a method by
   * link anybody may ask: the key is in the request.
   */
  checkRoles(principal: Principal): void;
  /**
   * Whose data a call of this method may touch, by a caller whose roles were checked: nobody's, where the request names
   * somebody else and the method hides others. Throws PERMISSION_DENIED when it does not hide them.
   *
   * With a key the answer is `BY_KEY`, whoever calls: the handler has to see what the key opens. Throws UNAUTHENTICATED
   * when there is neither a key nor a token.
   */
  scopeOf(principal: Principal, request: Message): Scope;
}

/** Reads the option of a method. Throws for a method without one: nobody has said who may call it. */
export function accessRuleOf(method: DescMethod): AccessRule {
  if (!hasOption(method, access)) throw new Error(`${method.name} has no option (access)`);
  const { own, hidesOthers, byLink } = getOption(method, access);
  const ofAll = rolesForAnybody(method);
  const forCoaches = own.includes(Access_Role.COACH);
  const forClients = own.includes(Access_Role.CLIENT);
  const coachesIn = idsIn(method.input, 'coach_hash_id', 'coach_hash_ids');
  const clientsIn = idsIn(method.input, 'client_hash_id');

  const isForAll = ({ roles }: Principal) => ofAll.some((role) => roles.has(role));
  const ownIdsOf = ({ roles, coachHashId, clientHashId }: Principal) => ({
    asCoach: forCoaches && roles.has('coach') ? coachHashId : undefined,
    asClient: forClients && roles.has('client') ? clientHashId : undefined,
  });

  function checkRoles(principal: Principal): void {
    if (isForAll(principal)) return;
    const { asCoach, asClient } = ownIdsOf(principal);
    if (asCoach === undefined && asClient === undefined) throw denied(`the caller's roles may not call ${method.name}`);
  }

  function scopeOf(principal: Principal, request: Message): Scope {
    if (isForAll(principal)) return ANYBODY;
    const { asCoach, asClient } = ownIdsOf(principal);
    const coach = asCoach !== undefined && areAll(asCoach, coachesIn(request)) ? asCoach : undefined;
    const client = asClient !== undefined && areAll(asClient, clientsIn(request)) ? asClient : undefined;
    const namesOthers = coach === undefined && client === undefined;
    if (namesOthers && !hidesOthers) throw denied('the request names somebody else than the caller');
    return { anybody: false, coachHashId: coach, clientHashId: client };
  }

  return byLink ? orByKey(method, { byLink, checkRoles, scopeOf }) : { byLink, checkRoles, scopeOf };
}

/** The rule of a method by link, which asks for a token's roles only when there is no key. */
function orByKey({ name, input }: DescMethod, { checkRoles, scopeOf }: AccessRule): AccessRule {
  if (!input.fields.some(({ localName }) => localName === 'key')) throw new Error(`${name} is by link, and has no key`);
  return {
    byLink: true,
    checkRoles() {},
    scopeOf(principal, request) {
      if ((request as Message & { readonly key: string }).key !== '') return BY_KEY;
      if (principal === STRANGER) throw unauthenticated('a token is needed, or the key of a link');
      checkRoles(principal);
      return scopeOf(principal, request);
    },
  };
}

/** The roles that may call a method about anybody. */
export function rolesForAnybody(method: DescMethod): readonly Role[] {
  const { anybody, adminsOnly } = getOption(method, access);
  return adminsOnly ? ['admin'] : [...FOR_ANYBODY, ...anybody.map(roleNamed)];
}

/** A role of the protos, as tokens name it. */
export function roleNamed(role: Access_Role): Role {
  return Access_Role[role]!.toLowerCase() as Role;
}

function areAll(own: string, ids: readonly string[]): boolean {
  return ids.every((id) => id === own || id === '');
}

/** Makes the function that collects the ids in fields of these names, of a request and of the messages right in it. */
function idsIn(input: DescMessage, ...names: readonly string[]): (request: Message) => string[] {
  const own = input.fields.filter(({ name }) => names.includes(name)).map(({ localName }) => localName);
  const inner = input.fields.flatMap((field) =>
    field.fieldKind === 'message'
      ? field.message.fields.filter(({ name }) => names.includes(name)).map((one) => [field.localName, one.localName])
      : [],
  );
  return (request) => {
    const fields = request as unknown as Record<string, string | string[] | Record<string, string> | undefined>;
    const within = inner.flatMap(([outer = '', name = '']) => {
      return (fields[outer] as Record<string, string> | undefined)?.[name] ?? [];
    });
    return [...own.flatMap((name) => fields[name] as string | string[]), ...within];
  };
}
