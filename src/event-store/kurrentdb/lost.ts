/** There was no clear answer: the call may have been carried out, may yet be, or not. It is safe to ask again. */
export class Lost extends Error {
  override readonly name: string = 'Lost';
}

/** KurrentDB does not know the user or the password. To ask again is of use only when somebody has mended that. */
export class Refused extends Lost {
  override readonly name = 'Refused';
}

/** Nothing was heard in time. */
export class Silence extends Lost {
  override readonly name = 'Silence';
}

/** What the promise resolves to. Throws `Silence` after `limit` milliseconds, or what the signal aborts with. */
export function inTime<T>(promise: Promise<T>, limit: number, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Silence('KurrentDB did not answer in time')), limit);
    const giveUp = () => reject(signal.reason);
    signal.addEventListener('abort', giveUp);
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    };
    promise.then(resolve, reject).finally(settle);
    if (signal.aborted) giveUp();
  });
}
