import { Code } from '@connectrpc/connect';
import type { Outcome } from '../hostile/carry-out.js';
import { faultsOf } from '../hostile/judge.js';
import type { Answered } from './answers.js';
import type { Input } from './inputs.js';
import { isByLink } from './oracle.js';

/** What a caller may learn who may not do what it asks for. Other codes would say that there is something. */
const REFUSALS = new Set([
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'NOT_FOUND',
  'INVALID_ARGUMENT',
  'RESOURCE_EXHAUSTED',
]);

/** Refusals of what is no request: of its path, its method, or its type. */
const OF_HTTP = /^HTTP 4\d\d$|^UNIMPLEMENTED$|^OUT_OF_RANGE$/;

/** What is refused by its form alone, before anybody asks who sends it. */
const BY_FORM =
  /never into an address|nothing is there before the request|If-None-Match is for GET|larger than (?:max|\d+ bytes)/;

/** What is for everyone. */
const FOR_EVERYONE = /^(?:GET|HEAD) \/(?:healthz|readyz)|^OPTIONS |\/grpc\.health\.v1\.Health\//;

/** What an answer shows to be wrong by itself: a sentence for each fault. @param isStopping whether 503 and silence may be */
export function wrongIn(input: Input, outcome: Outcome, { code, text }: Answered, isStopping = false): string[] {
  return [
    ...faultsOf(input, isStopping ? withoutTheStop(input, outcome) : outcome),
    ...(input.caller ? wrongForCaller(input, code, text) : wrongForNobody(input, code)),
  ];
}

/** What is left of an outcome when what a stop permits is taken away. */
function withoutTheStop({ answers }: Input, outcome: Outcome): Outcome {
  const httpStatuses = outcome.httpStatuses.filter((status) => status !== 503 && status !== 504);
  const grpcStatuses = outcome.grpcStatuses.filter(
    (code) => code !== Code.Unavailable && code !== Code.DeadlineExceeded,
  );
  return { ...outcome, httpStatuses, grpcStatuses, answers };
}

function wrongForCaller(input: Input, code: string | undefined, text: string): string[] {
  if (code === undefined || code === 'UNAVAILABLE') return [];
  if (BY_FORM.test(text)) return code === 'OK' ? ['a wrong form was answered OK'] : [];
  const isRefusal = REFUSALS.has(code) || (!input.isWellFormed && OF_HTTP.test(code));
  switch (input.right) {
    case 'unknown caller': {
      if (!isRefusal) return [`an unknown caller was answered ${code}`];
      if (!input.isWellFormed) return [];
      // Without a token anywhere, the request is read for its key: what is wrong with it is found first.
      if (input.method && isByLink(input.method) && code !== 'UNAUTHENTICATED') return [];
      if (code !== 'UNAUTHENTICATED') return [`an unknown caller was answered ${code}, not UNAUTHENTICATED`];
      // Over HTTP. https://www.rfc-editor.org/rfc/rfc9110#field.www-authenticate
      return /www-authenticate: Bearer/i.test(text) ? [] : ['the answer does not say www-authenticate'];
    }
    case 'none':
      return isRefusal ? [] : [`what the caller may not do was answered ${code}`];
    case 'not so':
      // What is wrong in the form is found first, and then `If-Match` counts before it: of what is the caller's own.
      return isRefusal || code === 'ABORTED' ? [] : [`what the caller may not do so was answered ${code}`];
    case 'may':
      return code === 'PERMISSION_DENIED' && !isOfTwoRoles(input)
        ? ['what the caller may do was answered PERMISSION_DENIED']
        : isKnown(code);
    case 'unclear':
      return isKnown(code);
    default:
      return input.right satisfies never;
  }
}

/** Who is a coach and a client acts as one of them, which the oracle leaves open. */
function isOfTwoRoles({ caller }: Input): boolean {
  return (caller?.roles.size ?? 0) > 1;
}

function isKnown(code: string): string[] {
  return code === 'UNAUTHENTICATED' ? ['a caller with a good token was answered UNAUTHENTICATED'] : [];
}

/** Bytes without a token may get an answer from paths that are for everyone. */
function wrongForNobody({ writes }: Input, code: string | undefined): string[] {
  if (code !== 'OK') return [];
  const sent = Buffer.concat(writes).toString('latin1');
  return FOR_EVERYONE.test(sent) ? [] : ['bytes without a token were answered OK'];
}
