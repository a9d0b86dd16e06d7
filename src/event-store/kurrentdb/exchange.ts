import { Lost, Silence } from './lost.js';

/** A two-way stream, as gRPC gives it. */
export interface TwoWayStream<Request, Answer> {
  write(request: Request): unknown;
  on(event: 'data', listener: (answer: Answer) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  cancel(): void;
}

/** Many requests over one two-way stream, answered in any order. */
export interface Exchange<Request, Answer> {
  /** Throws `Lost` when the stream ends before the answer comes, or when that takes more than `limit` milliseconds. */
  ask(id: string, request: Request, limit: number): Promise<Answer>;
  close(): void;
}

/**
 * @param idOf the id of the request that an answer belongs to
 * @param onEnd called when the stream has ended: another one must take its place
 */
export function createExchange<Request, Answer>(
  stream: TwoWayStream<Request, Answer>,
  idOf: (answer: Answer) => string | undefined,
  onEnd: () => void,
): Exchange<Request, Answer> {
  const waiting = new Map<string, { answer(answer: Answer): void; lose(lost: Lost): void }>();
  let ended: Lost | undefined;

  const end = (cause?: Error) => {
    // An error is followed by an end.
    if (ended) return;
    ended = new Lost(`KurrentDB ended the stream of appends: ${cause?.message ?? 'without an error'}`, { cause });
    for (const { lose } of waiting.values()) lose(ended);
    onEnd();
  };
  stream.on('error', end);
  stream.on('end', () => end());
  // An answer that comes too late has nobody waiting.
  stream.on('data', (answer) => waiting.get(idOf(answer) ?? '')?.answer(answer));

  return {
    ask: (id, request, limit) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        const settle = (how: () => void) => {
          clearTimeout(timer);
          waiting.delete(id);
          how();
        };
        const timer = setTimeout(() => settle(() => reject(new Silence('KurrentDB did not answer in time'))), limit);
        waiting.set(id, {
          answer: (answer) => settle(() => resolve(answer)),
          lose: (lost) => settle(() => reject(lost)),
        });
        stream.write(request);
      }),
    close: () => stream.cancel(),
  };
}
