import type { RequestCheck } from './hosts.js';
import { httpError } from './problem.js';

// https://www.rfc-editor.org/rfc/rfc6750#section-2.3
const TOKEN_PARAMETER = /[?&]access_token=/i;

/** Refuses a token in a query: addresses are kept in histories and logs along the way. */
export const refuseTokensInUrls: RequestCheck = ({ url }) =>
  TOKEN_PARAMETER.test(url)
    ? httpError(400, 'a token belongs into the header Authorization, never into an address')
    : undefined;
