import type { CalendarSource, SourceKey, SourceRefusal, SourceState } from '../../application/calendar-sources.js';
import { isRefusal } from '../../application/refusal.js';
import * as proto from '../../gen/aceup/scheduler/v1/calendar_pb.js';
import { timestampOf } from '../../json/times.js';
import { calendarSourceQuota, readingMessage } from './calendar-message.js';
import { orNotFound, staleEtag } from './errors.js';

const STATES: Readonly<Record<SourceState, proto.CalendarSourceState>> = {
  new: proto.CalendarSourceState.NEW,
  ok: proto.CalendarSourceState.OK,
  failing: proto.CalendarSourceState.FAILING,
};

/** A calendar source as callers get it: without its URL. */
export function calendarSourceMessage(source: CalendarSource) {
  const { state, lastError, failingSince, fetchedAt, succeededAt, nextFetchAt, reading, ...same } = source;
  return {
    ...same,
    state: STATES[state],
    lastError: lastError ?? '',
    ...(failingSince !== undefined && { failingSince: timestampOf(failingSince) }),
    ...(fetchedAt !== undefined && { fetchedAt: timestampOf(fetchedAt) }),
    ...(succeededAt !== undefined && { succeededAt: timestampOf(succeededAt) }),
    nextFetchAt: timestampOf(nextFetchAt),
    ...(reading && { reading: readingMessage(reading) }),
    createdAt: timestampOf(source.createdAt),
    updatedAt: timestampOf(source.updatedAt),
  };
}

/** The calendar source of a key. Throws NOT_FOUND when there is none. */
export function sourceOrNotFound<Found>({ source }: SourceKey, found: Found | undefined): Found {
  return orNotFound('calendar source', source, found);
}

/** Answers what is no refusal, and throws the error for any. */
export function setOrThrow<Done>(key: SourceKey, answer: Done | SourceRefusal): Done {
  if (!isRefusal<SourceRefusal>(answer)) return answer;
  switch (answer.refused) {
    case 'not-found':
      return sourceOrNotFound<Done>(key, undefined);
    case 'stale-etag':
      throw staleEtag(answer.etag);
    case 'quota':
      throw calendarSourceQuota();
    default:
      return answer satisfies never;
  }
}
