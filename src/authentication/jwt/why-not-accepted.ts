import { errors } from 'jose';
import { NotAccepted } from '../credential.js';

const OTHER_VALUE: Readonly<Record<string, string>> = {
  iss: 'the token is from another issuer',
  aud: 'the token is for another audience',
  nbf: 'the token is not valid yet',
};

/**
 * `NotAccepted` for what `jose` has against a token, any other error as it is. The errors of `jose` carry the token's
 * claims, which must not get into a log: so none is a cause.
 */
export function orNotAccepted(error: unknown): unknown {
  return error instanceof errors.JOSEError ? new NotAccepted(reasonOf(error)) : error;
}

function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) return reasonOfClaim(error);
  if (error instanceof errors.JOSEAlgNotAllowed) return "the token's algorithm is not accepted";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the token's signature does not fit";
  if (error instanceof errors.JOSENotSupported) return 'the token has extensions that are not known';
  return 'the token is not a well-formed JSON Web Token';
}

// Only registered claims are validated: their names are no secrets.
function reasonOfClaim({ claim, reason }: errors.JWTClaimValidationFailed): string {
  if (reason === 'missing') return `the token has no ${claim}`;
  if (reason === 'invalid') return `the token's ${claim} is not a number`;
  return OTHER_VALUE[claim] ?? `the token's ${claim} is not accepted`;
}
