/** The compiled worker: a thread runs no TypeScript. */
export const WORKER = new URL('./worker.js', import.meta.url);
