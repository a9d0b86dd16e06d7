import { CLIENT_STREAM_PREFIX } from './client/client.js';
import { COACH_STREAM_PREFIX } from './coach/coach.js';

/**
 * All streams of the service, by the beginnings of their names. A new kind of stream is added here: what copies the log
 * asks.
 */
export const SERVICE_STREAMS = { prefixes: [COACH_STREAM_PREFIX, CLIENT_STREAM_PREFIX] } as const;
