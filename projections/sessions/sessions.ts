import { COACH_STREAM_PREFIX } from '../../src/domain/coach/stream.js';
import { coachEvents } from '../../src/event-store/event-codec.js';
import type { Projection } from '../projection.js';
import { requestChanges, requestsTable } from './requests-table.js';
import { sessionChanges, sessionsTable } from './sessions-table.js';

/** What coaches' streams tell of their sessions, and of the commands that led to them. */
export const sessions: Projection = {
  name: 'sessions',
  streams: { prefixes: [COACH_STREAM_PREFIX] },
  tables: [sessionsTable, requestsTable],

  changesOf(recorded) {
    return [...sessionChanges(coachEvents.decode(recorded), recorded.revision), ...requestChanges(recorded)];
  },
};
