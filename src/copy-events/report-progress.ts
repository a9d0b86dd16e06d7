import type { Progress } from './copy-log.js';

/** Tells people how far a copy has come. */
export interface ProgressReport {
  /** Takes note of the latest progress; costs next to nothing. */
  note(progress: Progress): void;
  stop(): void;
}

/**
 * Tells a line at regular times while there is progress to tell of.
 * @param interval milliseconds between two lines
 */
export function reportProgress(tell: (line: string) => void, interval: number): ProgressReport {
  let latest: Progress | undefined;
  let told = 0;

  const timer = setInterval(() => {
    if (!latest) return;
    const { step, events, part } = latest;
    const perSecond = Math.round(((events - told) * 1_000) / interval);
    tell(`${step}: ${events} events, ${perSecond} events/s, ${Math.floor(part * 100)} %`);
    told = events;
  }, interval);

  return {
    note: (progress) => {
      if (progress.step !== latest?.step) told = progress.step === 'verifying' ? 0 : (latest?.events ?? 0);
      latest = progress;
    },
    stop: () => clearInterval(timer),
  };
}
