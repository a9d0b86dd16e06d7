import type { Logger } from 'pino';
import type { Interceptor } from '../../handlers/call.js';
import { deadline } from './deadline.js';
import { logCalls } from './log-calls.js';
import { unavailable } from './unavailable.js';

/**
 * The chain around every handler, the same at every door, the outermost first. Authentication will stand after
 * `deadline`.
 */
export function chain(log: Logger, requestTimeoutMs: number): Interceptor[] {
  return [logCalls(log), deadline(requestTimeoutMs), unavailable];
}
