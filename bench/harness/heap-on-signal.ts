/**
 * Loaded into a program that is measured, by `--expose-gc --import`: on SIGUSR2 it collects garbage and says on standard
 * error how many bytes are in use then.
 */
process.on('SIGUSR2', () => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  console.error(`in use ${heapUsed + external}`);
});
