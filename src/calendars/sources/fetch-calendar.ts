import * as http from 'node:http';
import * as https from 'node:https';
import { checkedLookup, type Resolve } from '../../outbound/checked-lookup.js';
import { brokenUrl, type OutboundRules } from '../../outbound/outbound-url.js';
import { retryAfterMs } from '../../outbound/retry-after.js';
import { linkedSignal } from '../../waiting.js';
import { MAX_BYTES } from '../read/calendar-reader.js';
import { calendarUrl } from './calendar-url.js';
import { LONGEST_PAUSE } from './pauses.js';
import { readBody } from './read-body.js';
import { reasonOf } from './why-failed.js';

/** What servers say of a document, so that they can be asked whether it is still the same. */
export interface Validators {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

/** What came of a fetch. */
export type Fetched =
  | {
      readonly kind: 'document';
      readonly bytes: Uint8Array;
      /** Which came with it, if any. */
      readonly charset: string | undefined;
      readonly validators: Validators;
    }
  /** The validators hold. */
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'failed';
      /** In a sentence, without the URL. */
      readonly why: string;
      /** Milliseconds that the server asks for; undefined: it does not. */
      readonly retryAfter: number | undefined;
    };

/**
 * Fetches a document once from a URL that others chose, and follows redirects. Rejects with the reason of the signal
 * only.
 * @param known what a former answer said; undefined: the document is wanted in any case
 */
export type FetchCalendar = (url: string, known: Validators | undefined, signal: AbortSignal) => Promise<Fetched>;

/** What fetching needs. */
export interface FetchCalendarParts extends OutboundRules {
  /** Milliseconds for all of it: names, connections, redirects and the whole body. */
  readonly timeLimit?: number;
  /** How names are resolved. Default: as the system does. */
  readonly resolve?: Resolve;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Milliseconds that a fetch may take. */
export const TIME_LIMIT = 10_000;

/** How many redirects are followed. */
export const MAX_REDIRECTS = 5;

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** A validator that is kept: other ones would be of no use in a request. */
const VALIDATOR = /^[ -~]{1,500}$/;

/** Makes what fetches. Connections are not kept open: the next fetch comes in minutes. */
export function createFetchCalendar(parts: FetchCalendarParts): FetchCalendar {
  const { timeLimit = TIME_LIMIT, now } = parts;
  const rules = { allowPrivate: parts.allowPrivate };
  const lookup = checkedLookup(rules, parts.resolve);

  /** Follows redirects to the answer that is none. Each place is checked like the first one. */
  async function answerOf(url: string, headers: http.OutgoingHttpHeaders, signal: AbortSignal) {
    let place = url;
    for (let redirects = 0; ; redirects += 1) {
      const broken = brokenUrl(place, rules);
      if (broken !== undefined) return `the ${redirects === 0 ? 'URL' : 'URL that the server redirects to'} ${broken}`;
      const response = await ask(new URL(place), headers, lookup, signal);
      const { statusCode = 0 } = response;
      const { location } = response.headers;
      if (!REDIRECTS.has(statusCode) || location === undefined) return response;
      response.destroy();
      if (redirects === MAX_REDIRECTS) return `the server redirects more than ${MAX_REDIRECTS} times`;
      if (!URL.canParse(location, place)) return 'the server redirects to what is no URL';
      const next = new URL(location, place);
      next.hash = '';
      place = calendarUrl(next.href);
    }
  }

  return async (url, known, signal) => {
    signal.throwIfAborted();
    const late = AbortSignal.timeout(timeLimit);
    const until = linkedSignal(signal, late);
    try {
      const answer = await answerOf(url, headersFor(known), until.signal);
      const fetched = typeof answer === 'string' ? failed(answer) : await read(answer, known, now());
      // A body without a length ends with its connection: when we close it, Node takes what came for all of it.
      until.signal.throwIfAborted();
      return fetched;
    } catch (error) {
      signal.throwIfAborted();
      return failed(late.aborted ? `there was no whole answer within ${timeLimit / 1_000} s` : reasonOf(error));
    } finally {
      until.end();
    }
  };
}

function headersFor(known: Validators | undefined): http.OutgoingHttpHeaders {
  return {
    accept: 'text/calendar, */*;q=0.1',
    'accept-encoding': 'gzip',
    'user-agent': 'session-scheduler',
    ...(known?.etag !== undefined && { 'if-none-match': known.etag }),
    ...(known?.lastModified !== undefined && { 'if-modified-since': known.lastModified }),
  };
}

/** Makes one request. Resolves when the head of the answer is there. */
function ask(
  url: URL,
  headers: http.OutgoingHttpHeaders,
  lookup: ReturnType<typeof checkedLookup>,
  signal: AbortSignal,
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { get } = url.protocol === 'https:' ? https : http;
    const request = get(url, { headers, lookup, signal, agent: false });
    request.on('response', resolve);
    request.on('error', reject);
    // As of a server that wants another protocol: there is no error then.
    request.on('close', () => reject(new Error('the connection was closed')));
  });
}

async function read(response: http.IncomingMessage, known: Validators | undefined, now: number): Promise<Fetched> {
  const { statusCode = 0, headers } = response;
  if (statusCode !== 200) response.destroy();
  if (statusCode === 304 && known) return { kind: 'unchanged' };
  if (statusCode !== 200) {
    return failed(`the server answered ${statusCode}`, retryAfterMs(headers['retry-after'], now, LONGEST_PAUSE));
  }
  const bytes = await readBody(response, MAX_BYTES);
  const validators = { etag: kept(headers.etag), lastModified: kept(headers['last-modified']) };
  return { kind: 'document', bytes, charset: charsetOf(headers['content-type']), validators };
}

function kept(validator: string | undefined): string | undefined {
  return validator !== undefined && VALIDATOR.test(validator) ? validator : undefined;
}

function charsetOf(contentType: string | undefined): string | undefined {
  return /;\s*charset\s*=\s*"?([!#-~]{1,40}?)"?\s*(?:;|$)/i.exec(contentType ?? '')?.[1];
}

function failed(why: string, retryAfter?: number): Fetched {
  return { kind: 'failed', why, retryAfter };
}
