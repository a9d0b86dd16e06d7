import { type AppendResult, StoreUnavailable } from '../event-store.js';
import type { EncodedAppend } from './append-call.js';

/** An append whose caller waits. Settling it again changes nothing. */
export interface PendingAppend {
  readonly append: EncodedAppend;
  /** False once the caller has an answer. */
  readonly open: boolean;
  resolve(result: AppendResult): void;
  reject(error: unknown): void;
}

/** Lets a caller wait for its append, at most `timeLimit` milliseconds: then it fails with `StoreUnavailable`. */
export function pend(
  append: EncodedAppend,
  timeLimit: number,
): [pending: PendingAppend, result: Promise<AppendResult>] {
  let open = true;
  let settle: { resolve(result: AppendResult): void; reject(error: unknown): void };
  const result = new Promise<AppendResult>((resolve, reject) => {
    settle = { resolve, reject };
  });
  const timer = setTimeout(() => {
    pending.reject(new StoreUnavailable(`the event store did not answer within ${timeLimit} ms`));
  }, timeLimit);
  const close = () => {
    open = false;
    clearTimeout(timer);
  };
  const pending: PendingAppend = {
    append,
    get open() {
      return open;
    },
    resolve: (value) => {
      close();
      settle.resolve(value);
    },
    reject: (error) => {
      close();
      settle.reject(error);
    },
  };
  return [pending, result];
}
