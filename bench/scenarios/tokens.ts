import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { makeToken } from '../../src/authentication/tokens/make-token.js';
import { inTurns } from '../harness/measure.js';
import { atMost, type Bench, processorMs, rowOf, type Scenario } from '../harness/scenario.js';
import { service, serviceWith } from '../harness/subjects.js';
import { bookCounted } from './book-rest.js';

/** What authentication may cost a booking. */
const LIMIT = 1.05;

const DAY = 86_400_000;
const ALGORITHM = 'RS256';
const [ISSUER, AUDIENCE] = ['https://issuer.example.com', 'scheduler'];

/** Bookings over REST without authentication, with a simple token, and with a JSON Web Token, by processor time. */
export const tokens: Scenario = {
  name: 'tokens',
  title: 'book over REST without authentication and with tokens',

  async run(bench) {
    const [simple, jwt] = [await simpleTokens(bench), await jsonWebTokens(bench)];
    const tokenOf = new Map([
      [simple.subject, simple.token],
      [jwt.subject, jwt.token],
    ]);
    const subjects = [service, simple.subject, jwt.subject];
    const rounds = await inTurns(bench, subjects, (subject, running, url) =>
      bookCounted(bench, subject, running, url, tokenOf.get(subject)),
    );
    const rows = subjects.map((subject) => rowOf(subject, rounds.get(subject)!));
    const [without, ...others] = rows;
    const goals = others.map((row) =>
      atMost(
        LIMIT,
        `processor time a booking, ${row.subject}: {} that without`,
        processorMs(row),
        processorMs(without!),
      ),
    );
    return { unit: 'bookings', rows, goals };
  },
};

async function simpleTokens({ directory }: Bench) {
  const path = join(directory, 'tokens.json');
  const now = Date.now();
  const { token } = await makeToken(path, { subject: 'bench', roles: ['service'] }, now + DAY, now);
  return { token, subject: serviceWith('service, simple token', { AUTH_TOKENS_FILE: path }) };
}

async function jsonWebTokens({ directory }: Bench) {
  const path = join(directory, 'jwks.json');
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM);
  const key = { ...(await exportJWK(publicKey)), kid: 'bench', alg: ALGORITHM };
  await writeFile(path, JSON.stringify({ keys: [key] }));
  const token = await new SignJWT({ roles: ['service'] })
    .setProtectedHeader({ alg: ALGORITHM, kid: 'bench' })
    .setSubject('bench')
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setExpirationTime('1d')
    .sign(privateKey);
  const settings = { AUTH_JWKS: path, AUTH_ISSUER: ISSUER, AUTH_AUDIENCE: AUDIENCE };
  return { token, subject: serviceWith('service, JSON Web Token', settings) };
}
