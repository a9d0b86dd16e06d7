/** What was read in an iCalendar document, besides the busy times. */
export interface CalendarReading {
  /** How many events take no time, by reason. */
  readonly leftOut: LeftOut;
  /** Until when recurrences were followed, exclusive. Epoch milliseconds. */
  readonly followedUntil: number;
}

/** How many events take no time, by reason. */
export interface LeftOut {
  readonly transparent: number;
  readonly cancelled: number;
  /** Their UIDs are those of sessions and holds of this service. */
  readonly own: number;
  /** All of them is over. */
  readonly past: number;
  readonly withoutTime: number;
}
