import type { Progress } from './copy-log.js';

/** Reports how far a copy has come. */
export interface ProgressReport {
  /** Remembers the latest progress, at next to no cost. */
  note(progress: Progress): void;
  stop(): void;
}

/**
 * Writes a line at regular intervals, once there is progress to report.
 * @param interval milliseconds between two lines
 */
export function reportProgress(writeLine: (line: string) => void, interval: number): ProgressReport {
  let latest: Progress | undefined;
  let reported = 0;

  const timer = setInterval(() => {
    if (!latest) return;
    const { step, events, part } = latest;
    const perSecond = Math.round(((events - reported) * 1_000) / interval);
    writeLine(`${step}: ${events} events, ${perSecond} events/s, ${Math.floor(part * 100)} %`);
    reported = events;
  }, interval);

  return {
    note: (progress) => {
      if (progress.step !== latest?.step) reported = progress.step === 'verifying' ? 0 : (latest?.events ?? 0);
      latest = progress;
    },
    stop: () => clearInterval(timer),
  };
}
