import type { Message } from '@bufbuild/protobuf';
import { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import type { Call } from '../call.js';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from './fields.js';

/** How many items of a list cost as much as a booking. */
const ITEMS = 25;

const { scheduleSeries, rescheduleSeries, cancelSeries } = SessionService.method;
const OF_SERIES = new Set<Call['method']>([scheduleSeries, rescheduleSeries, cancelSeries]);
const SERIES_COST = 40;

/** What a call costs the process, about: that of a booking, 0.1 ms of processor time, is 1. */
export function costOf(method: Call['method'], request: Message): number {
  if ('pageSize' in request) {
    const size = Number(request.pageSize) || DEFAULT_PAGE_SIZE;
    return 1 + Math.min(Math.max(size, 0), MAX_PAGE_SIZE) / ITEMS;
  }
  return OF_SERIES.has(method) ? SERIES_COST : 1;
}
