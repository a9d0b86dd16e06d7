import type { Message } from '@bufbuild/protobuf';
import { MAX_OCCURRENCES } from '../../domain/recurrence/rule.js';
import { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import type { Call } from '../call.js';
import { pageSizeOf } from './fields.js';

/** How many items of a list cost as much as a booking. */
const ITEMS = 25;

const { scheduleSeries, rescheduleSeries, cancelSeries, getSeries } = SessionService.method;
const OF_SERIES = new Set<Call['method']>([scheduleSeries, rescheduleSeries, cancelSeries]);
const SERIES_COST = 40;

/** What a call costs the process, about: that of a booking, 0.1 ms of processor time, is 1. */
export function costOf(method: Call['method'], request: Message): number {
  if ('pageSize' in request) {
    return 1 + Math.max(pageSizeOf(Number(request.pageSize)), 0) / ITEMS;
  }
  if (method === getSeries) return 1 + MAX_OCCURRENCES / ITEMS;
  return OF_SERIES.has(method) ? SERIES_COST : 1;
}
