import { setTimeout as pause } from 'node:timers/promises';

/**
 * For `node --expose-gc --import`: on SIGUSR2, collects garbage and says on standard error how many bytes are in use, in
 * the heap and in buffers. Twice, as buffers are freed only after their objects.
 */
process.on('SIGUSR2', async () => {
  global.gc?.();
  await pause(500);
  global.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.stderr.write(`in use ${heapUsed + external}\n`);
});
