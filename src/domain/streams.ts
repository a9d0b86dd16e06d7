import { COACH_STREAM_PREFIX } from './coach.js';

/**
 * All streams of the service, by the beginnings of their names. A new kind of stream is added here: what copies the log
 * asks.
 */
export const SERVICE_STREAMS = { prefixes: [COACH_STREAM_PREFIX] } as const;
