import { pick } from '../hostile/attack.js';
import type { Random } from '../model/random.js';
import type { Caller } from './callers.js';

/** How a caller shows its token. */
export interface Shown {
  readonly what: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** In the query, where a token must not be. */
  readonly query?: string;
  /** Whether a token that is good is accepted when it is shown so. */
  readonly isRight: boolean;
}

type Show = (token: string, random: Random) => Omit<Shown, 'what' | 'isRight'>;

const header =
  (value: (token: string, random: Random) => string, name = 'authorization'): Show =>
  (token, random) => ({ headers: [[name, value(token, random)]] });

const RIGHT: readonly [what: string, show: Show][] = [
  ['a bearer token', header((token) => `Bearer ${token}`)],
  ['a bearer token, in lower case', header((token) => `bearer ${token}`)],
  ['a bearer token, in upper case', header((token) => `BEARER ${token}`)],
  ['a bearer token behind two spaces', header((token) => `Bearer  ${token}`)],
];

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

/** The token with one character replaced by another one. */
function changed(token: string, random: Random): string {
  // The last character of a signature has bits that mean nothing.
  const at = random.below(token.length - 1);
  const other = pick(
    random,
    [...'ABab01-_'].filter((one) => one !== token[at]),
  );
  return token.slice(0, at) + other + token.slice(at + 1);
}

/** The token with the letters of its second half in the other case. */
function inOtherCase(token: string): string {
  const half = token.length >> 1;
  const swapped = token.slice(half).replace(/[a-z]/gi, (one) => (one < 'a' ? one.toLowerCase() : one.toUpperCase()));
  return token.slice(0, half) + swapped;
}

const WRONG: readonly [what: string, show: Show][] = [
  ['no token', () => ({ headers: [] })],
  ['an empty header', header(() => '')],
  ['a scheme alone', header(() => 'Bearer')],
  ['a token alone', header((token) => token)],
  ['Basic with the token', header((token) => `Basic ${token}`)],
  ['Basic with the token as the user', header((token) => basic(`${token}:`))],
  ['Basic with the token as the password', header((token) => basic(`bearer:${token}`))],
  ['another scheme', header((token, random) => `${pick(random, ['Token', 'DPoP', 'Digest', 'Bear'])} ${token}`)],
  ['a token cut off', header((token, random) => `Bearer ${token.slice(0, random.below(token.length))}`)],
  ['a token cut off in front', header((token, random) => `Bearer ${token.slice(1 + random.below(token.length - 1))}`)],
  ['a token changed', header((token, random) => `Bearer ${changed(token, random)}`)],
  ['a token in the other case', header((token) => `Bearer ${inOtherCase(token)}`)],
  ['a token and more', header((token, random) => `Bearer ${token}${pick(random, ['A', '=', '.', ' x', ',', ';a=b'])}`)],
  ['a token twice in a header', header((token) => `Bearer ${token}, Bearer ${token}`)],
  ['a token in quotes', header((token) => `Bearer "${token}"`)],
  ['a token behind a tab', header((token) => `Bearer\t${token}`)],
  ['a parameter', header((token) => `Bearer token="${token}"`)],
  [
    'two headers with the token',
    (token) => ({
      headers: [
        ['authorization', `Bearer ${token}`],
        ['authorization', `Bearer ${token}`],
      ],
    }),
  ],
  [
    'the token behind a header without one',
    (token) => ({
      headers: [
        ['authorization', 'Bearer x'],
        ['authorization', `Bearer ${token}`],
      ],
    }),
  ],
  ['a header for proxies', header((token) => `Bearer ${token}`, 'proxy-authorization')],
  ['a header of others', header((token) => `Bearer ${token}`, 'x-authorization')],
  ['a header that is forwarded', header((token) => `Bearer ${token}`, 'x-forwarded-authorization')],
  ['binary metadata', header((token) => Buffer.from(`Bearer ${token}`).toString('base64'), 'authorization-bin')],
  ['a cookie', header((token) => `access_token=${token}; authorization=Bearer%20${token}`, 'cookie')],
  ['a certificate of a proxy', header(() => 'Subject="CN=service"', 'x-forwarded-client-cert')],
  ['a subject of a proxy', header((_, random) => pick(random, ['service', 'admin']), 'x-forwarded-user')],
];

const IN_QUERY: readonly [what: string, show: Show][] = [
  ['a token in the query', (token) => ({ headers: [], query: `access_token=${token}` })],
  [
    'a token in the query and in the header',
    (token) => ({ headers: [['authorization', `Bearer ${token}`]], query: `access_token=${token}` }),
  ],
];

/** Shows a caller's token as it should be, mostly, or in another way. @param hasQuery whether there may be a query */
export function show({ token }: Caller, random: Random, hasQuery: boolean): Shown {
  const isRight = random.chance(0.8);
  const [what, made] = pick(random, isRight ? RIGHT : hasQuery ? [...WRONG, ...IN_QUERY] : WRONG);
  return { what, isRight, ...made(token, random) };
}
