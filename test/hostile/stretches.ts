/** Watches for how long the event loop of this process is busy at a stretch. */
export interface Stretches {
  /** The longest stretch since the last lap, in milliseconds of processor time. */
  lap(): number;
  stop(): void;
}

/** Looks at the clock in every turn of the event loop, which therefore never rests. */
export function watchStretches(): Stretches {
  let longest = 0;
  let before = process.cpuUsage();
  let next = setImmediate(look);

  function look(): void {
    const { user, system } = process.cpuUsage(before);
    longest = Math.max(longest, (user + system) / 1_000);
    before = process.cpuUsage();
    next = setImmediate(look);
  }

  return {
    lap() {
      const result = longest;
      longest = 0;
      // What the caller of this did before does not count.
      before = process.cpuUsage();
      return result;
    },
    stop: () => clearImmediate(next),
  };
}
