import { parseArgs } from 'node:util';
import { DEFAULT_EXPIRY, EXPIRY_RULE, expiryOf } from './expiry.js';
import type { Which } from './revoke-tokens.js';
import { faultIn, type Rights } from './tokens-file.js';

/** An argument of a command breaks its rule; the message names both. */
export class BadArgument extends Error {
  override readonly name = 'BadArgument';
}

/** The arguments for what the file has under these names. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  subject: '--subject',
  roles: '--role',
  coach_hash_id: '--coach',
  client_hash_id: '--client',
};

/**
 * The token that the arguments of `token create` ask for. Throws `BadArgument`.
 * @param now epoch milliseconds, as is the expiry
 */
export function wantedToken(
  args: readonly string[],
  now: number,
): { readonly rights: Rights; readonly expiresAt: number } {
  const { subject, role, coach, client, expires } = parsed(() =>
    parseArgs({
      args: [...args],
      options: {
        subject: { type: 'string', default: '' },
        role: { type: 'string', multiple: true },
        coach: { type: 'string' },
        client: { type: 'string' },
        expires: { type: 'string', default: DEFAULT_EXPIRY },
      },
    }),
  ).values;
  const rights = {
    subject,
    // Whether they are roles is checked with the rest.
    roles: [...new Set(role)] as Rights['roles'],
    ...(coach !== undefined && { coach_hash_id: coach }),
    ...(client !== undefined && { client_hash_id: client }),
  };
  const fault = faultIn(rights);
  if (fault) throw new BadArgument(`${ARGUMENTS[String(fault.path[0])]} ${fault.rule}${gotten(rights, fault.path)}`);
  const expiresAt = expiryOf(expires, now);
  if (expiresAt === undefined) throw new BadArgument(`--expires ${EXPIRY_RULE}; got ${expires}`);
  return { rights, expiresAt };
}

/** Whether the arguments of `token list` ask for JSON. Throws `BadArgument`. */
export function isJsonWanted(args: readonly string[]): boolean {
  const options = { json: { type: 'boolean', default: false } } as const;
  return parsed(() => parseArgs({ args: [...args], options })).values.json;
}

/** Which tokens the arguments of `token revoke` name. Throws `BadArgument`. */
export function tokensToRevoke(args: readonly string[]): Which {
  const options = { subject: { type: 'string' } } as const;
  const { values, positionals: ids } = parsed(() => parseArgs({ args: [...args], options, allowPositionals: true }));
  const { subject } = values;
  if ((ids.length === 0) === (subject === undefined)) {
    throw new BadArgument('token revoke takes the ids of tokens, or --subject and whose tokens they are');
  }
  return subject === undefined ? { ids } : { subject };
}

/** The role that is none, for the end of a sentence. Other values are long, or not there. */
function gotten({ roles }: Rights, [field, index]: readonly PropertyKey[]): string {
  return field === 'roles' && index !== undefined ? `; got ${roles[Number(index)]}` : '';
}

function parsed<Result>(parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    const message = (error as Error).message.replaceAll('\n', ' ').replace(/\.$/, '');
    throw new BadArgument(`${message}. The arguments are listed by: npx scheduler help`);
  }
}
