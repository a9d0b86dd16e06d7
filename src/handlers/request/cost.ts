import type { Message } from '@bufbuild/protobuf';
import { MAX_SYNCED } from '../../domain/availability/time-off.js';
import { MAX_OCCURRENCES } from '../../domain/recurrence/rule.js';
import {
  AvailabilityService,
  type SetAvailabilityRequest,
  type SyncTimeOffRequest,
} from '../../gen/aceup/scheduler/v1/availability_service_pb.js';
import { CalendarService } from '../../gen/aceup/scheduler/v1/calendar_service_pb.js';
import { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { WebhookService } from '../../gen/aceup/scheduler/v1/webhook_service_pb.js';
import { MAX_COACHES, MAX_SLOTS } from '../availability/search-request.js';
import type { Call } from '../call.js';
import { pageSizeOf } from './fields.js';

/** How many items of a list, or slots that are found, cost as much as a booking. */
const ITEMS = 25;

/** The same for webhooks and their attempts, which are larger, and made with more work. */
const ITEMS_OF_WEBHOOKS = 5;

/** How many slots a search finds, about, when it does not say how many it wants. */
const USUAL_SLOTS = 500;

/** The most that a call counts for: the longest give turns to others, and more would leave others no room. */
export const MAX_COST = 200;

const { scheduleSeries, rescheduleSeries, cancelSeries, getSeries } = SessionService.method;

/** How many times off of a sync cost as much as a booking. */
const SYNCED = 10;

/**
 * How many bytes of a calendar cost as much as a booking. A thread reads it, for seconds: more would keep a share of the
 * process from others all that time.
 */
const CALENDAR_BYTES = 128 * 1024;

/** How many hours of an availability cost as much as a booking: all of them are in its event. */
const HOURS = 25;

const { explainSlot, setAvailability, simulatePolicy, syncTimeOff } = AvailabilityService.method;

const calendars = CalendarService.method;
const webhooks = WebhookService.method;

/** Methods whose calls cost more than a booking, whatever is in the request; of a list, without its items. */
const COSTS = new Map<Call['method'], number>([
  [scheduleSeries, 40],
  [rescheduleSeries, 40],
  [cancelSeries, 40],
  [getSeries, 1 + MAX_OCCURRENCES / ITEMS],
  [explainSlot, 12],
  [simulatePolicy, 40],
  // That of 400 events: nobody knows before how many there are.
  [calendars.getCalendar, 60],
  // These have few connections, on which others are not to wait.
  [calendars.setCalendarSource, 15],
  [calendars.fetchCalendarSource, 15],
  [calendars.deleteCalendarSource, 40],
  [calendars.getCalendarSource, 4],
  [calendars.listCalendarSources, 4],
  [calendars.createCalendarLink, 15],
  [calendars.revokeCalendarLink, 6],
  [calendars.listCalendarLinks, 4],
  [webhooks.createWebhook, 20],
  [webhooks.updateWebhook, 20],
  [webhooks.deleteWebhook, 20],
  [webhooks.pauseWebhook, 20],
  [webhooks.resumeWebhook, 20],
  [webhooks.replayWebhook, 20],
  [webhooks.rotateSecret, 20],
  [webhooks.skipChange, 20],
  [webhooks.getWebhook, 6],
  [webhooks.testWebhook, 6],
  [webhooks.listWebhooks, 6],
  [webhooks.listDeliveries, 6],
]);

/** What a call costs the process, about, up to `MAX_COST`: that of a booking, 0.1 ms of processor time, is 1. */
export function costOf(method: Call['method'], request: Message): number {
  return Math.min(wholeCostOf(method, request), MAX_COST);
}

function wholeCostOf(method: Call['method'], request: Message): number {
  const cost = COSTS.get(method) ?? 1;
  if ('pageSize' in request) {
    const items = method.parent === WebhookService ? ITEMS_OF_WEBHOOKS : ITEMS;
    return cost + Math.max(pageSizeOf(Number(request.pageSize)), 0) / items;
  }
  if ('limit' in request) {
    const coaches = 'coachHashIds' in request ? (request.coachHashIds as readonly string[]).length : 1;
    const slots = Math.max(Number(request.limit) || USUAL_SLOTS, 0);
    // A coach costs as much as a booking: one that is not in memory takes a read, for which others would wait. Whoever
    // asks for more is refused, at little cost.
    return Math.min(Math.max(coaches, 1), MAX_COACHES) + Math.min(slots, MAX_SLOTS) / ITEMS;
  }
  if (method === setAvailability) return 1 + hoursIn(request as SetAvailabilityRequest) / HOURS;
  if (method === syncTimeOff) {
    const { timeOff, calendar } = request as SyncTimeOffRequest;
    return 1 + Math.min(timeOff.length, MAX_SYNCED) / SYNCED + (calendar?.length ?? 0) / CALENDAR_BYTES;
  }
  return cost;
}

function hoursIn({ availability }: SetAvailabilityRequest): number {
  if (!availability) return 0;
  return availability.dates.reduce((sum, { hours }) => sum + 1 + hours.length, availability.weekly.length);
}
