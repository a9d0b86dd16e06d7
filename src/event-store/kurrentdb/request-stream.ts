import { createDeferred, type Deferred } from '../../waiting.js';
import { NoAnswer, TimedOut } from './client-port.js';

/** A two-way stream, as gRPC gives it. */
export interface TwoWayStream<Request, Answer> {
  write(request: Request): unknown;
  on(event: 'data', listener: (answer: Answer) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  cancel(): void;
}

/** Many requests over one two-way stream, answered in any order. */
export interface RequestStream<Request, Answer> {
  /**
   * Throws `NoAnswer` when the stream ends before the answer comes, or when that takes more than `limit` milliseconds.
   */
  ask(id: string, request: Request, limit: number): Promise<Answer>;
  close(): void;
}

/**
 * @param idOf the id of the request that an answer belongs to
 * @param onEnd called when the stream has ended: the next request needs another one
 */
export function createRequestStream<Request, Answer>(
  stream: TwoWayStream<Request, Answer>,
  idOf: (answer: Answer) => string | undefined,
  onEnd: () => void,
): RequestStream<Request, Answer> {
  const waiting = new Map<string, Deferred<Answer>>();
  let ended: NoAnswer | undefined;

  const end = (cause?: Error) => {
    // An error is followed by an end.
    if (ended) return;
    ended = new NoAnswer(`KurrentDB ended the stream of appends: ${cause?.message ?? 'without an error'}`, { cause });
    for (const answer of waiting.values()) answer.reject(ended);
    onEnd();
  };
  stream.on('error', end);
  stream.on('end', () => end());
  // Nobody waits for an answer that comes too late.
  stream.on('data', (answer) => waiting.get(idOf(answer) ?? '')?.resolve(answer));

  return {
    ask: (id, request, ms) => {
      if (ended) return Promise.reject(ended);
      const answer = createDeferred<Answer>({ limit: { ms, error: () => new TimedOut() } }, () => waiting.delete(id));
      waiting.set(id, answer);
      stream.write(request);
      return answer.promise;
    },
    close: () => stream.cancel(),
  };
}
