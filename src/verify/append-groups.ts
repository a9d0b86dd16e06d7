import type { CoachEvent, Entry } from './stored-events.js';

/** An event that others must follow in the same append: a confirmed hold its session, a series those that it moves. */
export interface Head<Waiting> {
  readonly entry: Entry<CoachEvent>;
  /** Whether an event has followed. */
  isFollowed: boolean;
  /** What is checked only once all of the events that follow are there. */
  readonly waiting: Waiting[];
}

const FOLLOWERS = {
  'aceup.scheduler.v1.HoldConfirmed': 'aceup.scheduler.v1.SessionScheduled',
  'aceup.scheduler.v1.SeriesScheduled': 'aceup.scheduler.v1.SessionScheduled',
  'aceup.scheduler.v1.SeriesRescheduled': 'aceup.scheduler.v1.SessionRescheduled',
  'aceup.scheduler.v1.SeriesCancelled': 'aceup.scheduler.v1.SessionCancelled',
} as const;

/** The head that an event is; undefined when no events must follow it. */
export function headOf<Waiting>(entry: Entry<CoachEvent>): Head<Waiting> | undefined {
  return entry.event.$typeName in FOLLOWERS ? { entry, isFollowed: false, waiting: [] } : undefined;
}

/** Whether an event, the next of the stream, follows from the head. */
export function follows({ entry, isFollowed }: Head<unknown>, { event, metadata }: Entry<CoachEvent>): boolean {
  const head = entry.event;
  if (FOLLOWERS[head.$typeName as keyof typeof FOLLOWERS] !== event.$typeName) return false;
  if (metadata.correlationId !== entry.metadata.correlationId) return false;
  if (head.$typeName === 'aceup.scheduler.v1.HoldConfirmed') {
    return !isFollowed && 'sessionId' in event && event.sessionId === head.holdId;
  }
  return 'seriesId' in event && 'seriesId' in head && event.seriesId === head.seriesId;
}
