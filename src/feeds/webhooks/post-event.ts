import * as http from 'node:http';
import * as https from 'node:https';
import { checkedLookup, type Resolve } from '../../outbound/checked-lookup.js';
import { brokenUrl, type OutboundRules } from '../../outbound/outbound-url.js';
import { isCertificateRefused } from '../../postgres/pool.js';

/** What came of one attempt. */
export interface Posted {
  /** The status of the answer; undefined: there was none, or it was broken off. */
  readonly status: number | undefined;
  /** Why the attempt failed, in words; undefined: the receiver answered 2xx. */
  readonly error: string | undefined;
  /** The header `Retry-After`, as it came. */
  readonly retryAfter: string | undefined;
  /** The beginning of the answer's body, in printable characters. */
  readonly body: string;
  /** Milliseconds. */
  readonly duration: number;
}

/** Posts events to receivers. */
export interface Poster {
  /**
   * Posts a body once. Redirects are not followed. Never rejects, but with the reason of the signal.
   * @param headers in lower case
   */
  post(url: string, headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<Posted>;
  /** Closes the connections that are kept open. */
  close(): void;
}

/** What a poster needs. */
export interface PosterParts extends OutboundRules {
  /** Milliseconds that a receiver has for its answer. */
  readonly timeLimit?: number;
  /** How names are resolved. Default: as the system does. */
  readonly resolve?: Resolve;
}

/** Milliseconds that a receiver has for its answer, unless a poster gives it less. */
export const TIME_LIMIT = 10_000;

/** Milliseconds. */
const KEPT_OPEN = 15_000;

/** The most bytes of an answer that are read. */
const MAX_ANSWER = 4_096;

/** A poster that keeps connections open for what comes next. */
export function createPoster({ allowPrivate, timeLimit = TIME_LIMIT, resolve }: PosterParts): Poster {
  const rules = { allowPrivate };
  const settings = { keepAlive: true, timeout: KEPT_OPEN, maxFreeSockets: 16, lookup: checkedLookup(rules, resolve) };
  const agents = { 'http:': new http.Agent(settings), 'https:': new https.Agent(settings) };

  return {
    async post(url, headers, body, signal) {
      signal.throwIfAborted();
      const began = performance.now();
      const posted = (parts: Partial<Posted>): Posted => {
        const nothing = { status: undefined, error: undefined, retryAfter: undefined, body: '' };
        return { ...nothing, ...parts, duration: Math.round(performance.now() - began) };
      };
      // What was allowed when the webhook was made may not be now.
      const broken = brokenUrl(url, rules);
      if (broken !== undefined) return posted({ error: `the URL ${broken}` });
      const deadline = began + timeLimit;
      try {
        for (;;) {
          const answer = await ask(new URL(url), { headers, body, deadline, signal, agents });
          // The receiver had closed a connection that was kept open, before it read anything.
          if (answer !== 'closed while idle') return posted(answer);
        }
      } catch (error) {
        signal.throwIfAborted();
        const why = error instanceof TimeUp ? `there was no answer within ${timeLimit / 1_000} s` : reasonOf(error);
        return posted({ error: why });
      }
    },
    close: () => {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

interface Asked {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** By `performance.now()`. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly agents: Readonly<Record<'http:' | 'https:', http.Agent>>;
}

class TimeUp extends Error {
  override readonly name = 'TimeUp';
}

/** Makes one request. Rejects when no whole answer comes in time. */
function ask(url: URL, asked: Asked): Promise<Partial<Posted> | 'closed while idle'> {
  const { headers, body, deadline, signal, agents } = asked;
  const isSecure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const request = (isSecure ? https : http).request(url, {
      method: 'POST',
      agent: agents[isSecure ? 'https:' : 'http:'],
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    });
    const timer = setTimeout(() => giveUp(new TimeUp()), Math.max(deadline - performance.now(), 0));
    const abort = () => giveUp(signal.reason);
    const giveUp = (reason: Error) => {
      leave();
      request.destroy();
      reject(reason);
    };
    const leave = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
    signal.addEventListener('abort', abort, { once: true });
    let isAnswered = false;
    request.on('error', (error: NodeJS.ErrnoException) => {
      leave();
      const wasClosed = error.code === 'ECONNRESET' || error.code === 'EPIPE';
      if (request.reusedSocket && wasClosed && !isAnswered) resolve('closed while idle');
      else reject(error);
    });
    request.on('response', (response) => {
      isAnswered = true;
      readBeginning(response).then(
        (beginning) => {
          leave();
          resolve(answerOf(response, beginning));
        },
        (error) => giveUp(error as Error),
      );
    });
    request.end(body);
  });
}

/** Reads a body to its end, or as much of it as is kept: then the connection is closed. */
async function readBeginning(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size >= MAX_ANSWER) break;
  }
  return printableBody(Buffer.concat(chunks).subarray(0, MAX_ANSWER));
}

function answerOf({ statusCode = 0, headers }: http.IncomingMessage, body: string): Partial<Posted> {
  const isTaken = statusCode >= 200 && statusCode < 300;
  const isRedirect = statusCode >= 300 && statusCode < 400;
  const why = isRedirect ? `answered ${statusCode}: redirects are not followed` : `answered ${statusCode}`;
  return {
    status: statusCode,
    error: isTaken ? undefined : `the receiver ${why}`,
    retryAfter: headers['retry-after'],
    body,
  };
}

function printableBody(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[^ -~\n\t]/g, '?');
}

/** What a failed connection is called. No URL is in it: some have secrets. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors.at(-1));
  const { code, message } = error as NodeJS.ErrnoException;
  if (isCertificateRefused(error)) return `its certificate does not hold: ${message}`;
  return `${REASONS[code ?? ''] ?? 'no answer came'}: ${message}`;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the host is not known',
  EAI_AGAIN: 'the host could not be looked up',
  ECONNREFUSED: 'the host refuses connections',
  ECONNRESET: 'the connection was closed before the answer was whole',
};
