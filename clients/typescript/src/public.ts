/** What both entries of the package export besides `createSchedulerClient`. */
export { timestampDate, timestampFromDate } from '@bufbuild/protobuf/wkt';
export { Code, type Interceptor } from '@connectrpc/connect';
export type { TokenSource } from './bearer.js';
export type { SchedulerClient, SchedulerClientOptions } from './client.js';
export {
  type CallFailed,
  type Failure,
  type Interval,
  isAgainstPolicy,
  isInvalidFields,
  isNotFound,
  isOverlap,
  isSchedulerError,
  isSeriesConflict,
  isStaleEtag,
  type Obstacle,
  type ObstacleCode,
  type OverlapReason,
  type PlainReason,
  type SchedulerError,
  type SeriesConflict,
  type Violation,
} from './errors.js';
export type {
  Availability,
  BookingPolicy,
  DateHours,
  Hours,
  TimeOff,
  WeeklyHours,
} from './gen/aceup/scheduler/v1/availability_pb.js';
export {
  type CalendarLink,
  type CalendarReading,
  type CalendarSource,
  CalendarSourceState,
} from './gen/aceup/scheduler/v1/calendar_pb.js';
export type { Change } from './gen/aceup/scheduler/v1/change_pb.js';
export { type Hold, HoldState } from './gen/aceup/scheduler/v1/hold_pb.js';
export type { Series } from './gen/aceup/scheduler/v1/series_pb.js';
export { Party, type Session, SessionState } from './gen/aceup/scheduler/v1/session_pb.js';
export type { OfferedSlot } from './gen/aceup/scheduler/v1/slot_pb.js';
export { DayOfWeek } from './gen/google/type/dayofweek_pb.js';
export { type WatchOptions, watchChanges } from './watch.js';
