import { z } from 'zod';
import { ROLES } from '../../handlers/access/principal.js';
import { actor, type Broken, hashId, requiredText } from '../../handlers/request/fields.js';

// The form of the tokens file: JSON that people can read, and may edit.

const text = (rule: (field: string, value: string) => Broken) =>
  z.string('must be a text').superRefine((value, context) => {
    const broken = rule('', value);
    if (broken) context.addIssue({ code: 'custom', message: broken.description });
  });

const instant = z.iso.datetime({ offset: true, error: 'must be a time such as 2030-01-31T00:00:00Z' });

const NAMES = `${ROLES.slice(0, -1).join(', ')} or ${ROLES.at(-1)}`;

const rights = {
  // The history names the subject as the actor of what it did.
  subject: text((field, value) => requiredText(field, value) ?? actor(field, value)),
  roles: z.array(z.enum(ROLES, `must be ${NAMES}`), 'must be a list').min(1, `must name at least one of ${NAMES}`),
  coach_hash_id: text(hashId).optional(),
  client_hash_id: text(hashId).optional(),
};

/** The fields that say who a coach or a client is fit the roles: there when the role is, and only then. */
function idsFitRoles(
  { roles, coach_hash_id, client_hash_id }: z.output<z.ZodObject<typeof rights>>,
  context: z.RefinementCtx,
): void {
  const ids = { coach: coach_hash_id, client: client_hash_id };
  for (const role of ['coach', 'client'] as const) {
    if (roles.includes(role) === (ids[role] !== undefined)) continue;
    const message = ids[role] === undefined ? `is required by the role ${role}` : `needs the role ${role}`;
    context.addIssue({ code: 'custom', path: [`${role}_hash_id`], message });
  }
}

/** The rules of what a token says of its caller, alone. */
const grantedRights = z.strictObject(rights).superRefine(idsFitRoles);

/** What a token says of its caller. */
export type Rights = z.output<typeof grantedRights>;

const storedToken = z
  .strictObject({
    id: z.string('must be a text').regex(/^[\w-]{1,64}$/, 'must be 1 to 64 characters of A-Z a-z 0-9 _ -'),
    ...rights,
    created_at: instant,
    expires_at: instant,
    revoked_at: instant.optional(),
    digest: z.string('must be a text').regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hexadecimal digits'),
  })
  .superRefine(idsFitRoles);

/** One token as the file has it: everything but the token. */
export type StoredToken = z.output<typeof storedToken>;

const file = z
  .strictObject({
    version: z.literal(1, 'must be 1, the only version that this release knows'),
    tokens: z.array(storedToken, 'must be a list'),
  })
  .superRefine(({ tokens }, context) => {
    for (const field of ['id', 'digest'] as const) {
      const seen = new Set<string>();
      const again = tokens.findIndex((token) => seen.size === seen.add(token[field]).size);
      if (again === -1) continue;
      context.addIssue({ code: 'custom', path: ['tokens', again, field], message: 'is that of another token, too' });
    }
  });

/** What is wrong with a value: the path of the field, and the rule that it breaks. Neither has the value. */
export interface Fault {
  readonly path: readonly PropertyKey[];
  readonly rule: string;
}

/** The first fault of rights, or undefined. */
export function faultIn(given: Rights): Fault | undefined {
  return firstFault(grantedRights.safeParse(given));
}

/** Reads the content of a tokens file. Answers the fault of one that is malformed. */
export function parseTokens(content: string): readonly StoredToken[] | Fault {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch {
    // What the parser says quotes the content.
    return { path: [], rule: 'must be JSON' };
  }
  const result = file.safeParse(json);
  return firstFault(result) ?? result.data!.tokens;
}

/** The content of a file with these tokens. */
export function formatTokens(tokens: readonly StoredToken[]): string {
  return `${JSON.stringify({ version: 1, tokens }, undefined, 2)}\n`;
}

function firstFault({ error }: z.ZodSafeParseResult<unknown>): Fault | undefined {
  const [issue] = error?.issues ?? [];
  if (!issue) return undefined;
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    // What is no name may be a token in the wrong place.
    return { path: issue.path, rule: /^\w{1,30}$/.test(key) ? `has no field ${key}` : 'has a field that there is not' };
  }
  return { path: issue.path, rule: issue.message };
}
