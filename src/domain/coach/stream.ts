/** What the names of all coach streams begin with. */
export const COACH_STREAM_PREFIX = 'coach-';

/** The stream that holds everything that happened to a coach's sessions. */
export function coachStream(coachHashId: string): string {
  return COACH_STREAM_PREFIX + coachHashId;
}
