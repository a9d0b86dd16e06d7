import { createDeferred, type Deferred } from '../../waiting.js';
import { TIME_LIMIT } from './post-event.js';

/** Shares the requests that a process has under way among its webhooks. */
export interface RequestTurns {
  /** The turns of one webhook. */
  ofWebhook(): WebhookTurns;
}

/** The turns of one webhook, which come in order. */
export interface WebhookTurns {
  /** Makes a request in its turn. Rejects as the request does, and before its turn as soon as the signal aborts. */
  take<Answer>(signal: AbortSignal, request: () => Promise<Answer>): Promise<Answer>;
}

/** A webhook, with its requests that wait. */
interface Line {
  readonly waiting: Set<Deferred<Turn>>;
  /** When its next request is due, in virtual time. */
  dueAt: number;
  /** Milliseconds that its next request is taken to need. */
  expected: number;
}

/** A request under way. */
interface Turn {
  /** To be called once. */
  end(): void;
}

/** Requests that are taken to need more milliseconds are slow. */
const SLOW = 1_000;

/** The share of the requests under way that slow ones have at most. */
const SHARE_OF_SLOW = 3 / 4;

/** How much of what was expected a request is still taken to need when the one before was quicker. */
const REMEMBERED = 0.8;

/**
 * Turns by start-time fair queueing: of the webhooks that wait, the one goes first whose requests have had the least
 * time. If they went in order of arrival, receivers that take 9 s for an answer would have all requests to themselves,
 * and those that take 5 ms would wait for minutes. Slow requests leave a quarter of all to quick ones, which would have
 * to wait for the end of a slow one otherwise. A webhook is taken for slow until its receiver has answered quickly about
 * ten times.
 * @param most how many requests may be under way at once
 */
export function createRequestTurns(most: number, now: () => number = () => performance.now()): RequestTurns {
  const mostSlow = Math.max(1, Math.floor(most * SHARE_OF_SLOW));
  /** Those with requests that wait. */
  const lines = new Set<Line>();
  let underWay = 0;
  let slowUnderWay = 0;
  /** When the last request to begin was due: virtual time passes as requests take time. */
  let virtualNow = 0;

  function letIn(): void {
    for (let next = nextLine(); next; next = nextLine()) {
      const [waiting] = next.waiting;
      waiting!.resolve(begin(next));
    }
  }

  function nextLine(): Line | undefined {
    if (underWay >= most) return undefined;
    let next: Line | undefined;
    for (const line of lines) {
      const mayBegin = slowUnderWay < mostSlow || line.expected <= SLOW;
      if (mayBegin && (!next || line.dueAt < next.dueAt)) next = line;
    }
    return next;
  }

  function begin(line: Line): Turn {
    const { expected } = line;
    const began = now();
    const slow = expected > SLOW ? 1 : 0;
    underWay += 1;
    slowUnderWay += slow;
    virtualNow = Math.max(virtualNow, line.dueAt);
    line.dueAt = virtualNow + expected;
    return {
      end() {
        const took = now() - began;
        line.dueAt += took - expected;
        line.expected = Math.max(took, line.expected * REMEMBERED);
        underWay -= 1;
        slowUnderWay -= slow;
        letIn();
      },
    };
  }

  function turnOf(line: Line, signal: AbortSignal): Promise<Turn> {
    signal.throwIfAborted();
    const waiting: Deferred<Turn> = createDeferred<Turn>({ signal }, () => {
      line.waiting.delete(waiting);
      if (line.waiting.size === 0) lines.delete(line);
    });
    line.waiting.add(waiting);
    lines.add(line);
    letIn();
    return waiting.promise;
  }

  return {
    ofWebhook() {
      const line: Line = { waiting: new Set(), dueAt: virtualNow + TIME_LIMIT, expected: TIME_LIMIT };
      return {
        async take(signal, request) {
          const turn = await turnOf(line, signal);
          try {
            return await request();
          } finally {
            turn.end();
          }
        },
      };
    },
  };
}
