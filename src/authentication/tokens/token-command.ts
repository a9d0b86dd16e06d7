import { Correctable } from '../../correctable.js';
import { makeToken } from './make-token.js';
import { readTokens } from './read-tokens.js';
import { revokeTokens } from './revoke-tokens.js';
import { BadArgument, isJsonWanted, tokensToRevoke, wantedToken } from './token-arguments.js';
import { jsonOf, tableOf } from './token-list.js';

/** Where a command writes. */
export interface Output {
  /** The result, which scripts read. */
  readonly write: (line: string) => void;
  /** What people should know besides. */
  readonly note: (line: string) => void;
}

const BAD_ARGUMENT = 2;

/**
 * The command `token`: makes, lists or revokes the tokens of a file. Answers the exit code: 0, or 2 after a note on an
 * argument that breaks its rule. Throws `Correctable` when there is no file to work on.
 * @param path the tokens file; undefined when no setting names one
 */
export async function tokenCommand(
  [command, ...args]: readonly string[],
  path: string | undefined,
  output: Output,
  now = Date.now(),
): Promise<number> {
  try {
    switch (command) {
      case 'create':
        await create(args, path, output, now);
        return 0;
      case 'list':
        await list(args, path, output, now);
        return 0;
      case 'revoke':
        await revoke(args, path, output, now);
        return 0;
      default:
        throw new BadArgument(`token must be followed by create, list or revoke${command ? `; got ${command}` : ''}`);
    }
  } catch (error) {
    if (!(error instanceof BadArgument)) throw error;
    output.note(error.message);
    return BAD_ARGUMENT;
  }
}

async function create(args: readonly string[], path: string | undefined, output: Output, now: number): Promise<void> {
  const { rights, expiresAt } = wantedToken(args, now);
  const { token, stored } = await makeToken(given(path), rights, expiresAt, now);
  output.write(token);
  output.note(
    `Token ${stored.id} for ${stored.subject} (${stored.roles.join(', ')}) expires at ${stored.expires_at}. ` +
      'Keep it as you keep a password: it is not shown again, and the file has only a digest of it.\n' +
      'Callers send it as the header "Authorization: Bearer TOKEN".',
  );
}

async function list(args: readonly string[], path: string | undefined, output: Output, now: number): Promise<void> {
  const format = isJsonWanted(args) ? jsonOf : tableOf;
  const { tokens } = await readTokens(given(path));
  output.write(format(tokens, now));
}

async function revoke(args: readonly string[], path: string | undefined, output: Output, now: number): Promise<void> {
  const which = tokensToRevoke(args);
  const revoked = await revokeTokens(given(path), which, now);
  for (const token of revoked) output.write(`${token.id} ${token.subject} revoked at ${token.revoked_at}`);
  output.note('Running services refuse them within 5 seconds.');
}

function given(path: string | undefined): string {
  if (path !== undefined) return path;
  throw new Correctable('AUTH_TOKENS_FILE is not set. Let it name the file of the tokens, for the service as well.');
}
