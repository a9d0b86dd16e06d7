/** A session as booked. Times are epoch milliseconds; `duration` is in minutes. */
export interface SessionScheduled {
  readonly type: 'SessionScheduled';
  readonly sessionId: string;
  readonly coachHashId: string;
  readonly clientHashId: string;
  readonly start: number;
  readonly duration: number;
  readonly scheduledAt: number;
}

/** Everything that can happen to a coach's sessions. */
export type CoachEvent = SessionScheduled;
