import { create, type DescMethodUnary, type MessageInitShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { AvailabilityService } from '../../src/gen/aceup/scheduler/v1/availability_service_pb.js';
import { CalendarService } from '../../src/gen/aceup/scheduler/v1/calendar_service_pb.js';
import { SessionService } from '../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { WebhookService } from '../../src/gen/aceup/scheduler/v1/webhook_service_pb.js';
import { costOf, MAX_COST } from '../../src/handlers/request/cost.js';

const { findSlots, findSlotsOfCoaches, setAvailability, syncTimeOff, explainSlot } = AvailabilityService.method;

function costWith<Method extends DescMethodUnary>(method: Method, request: MessageInitShape<Method['input']>): number {
  return costOf(method, create(method.input, request));
}

const coaches = (count: number) => Array.from({ length: count }, (_, nr) => `coach-${nr}`);
const many = (count: number) => Array.from({ length: count }, () => ({}));

test('a booking costs 1, what takes longer costs more', () => {
  expect(costWith(SessionService.method.scheduleSession, {})).toBe(1);
  expect(costWith(SessionService.method.scheduleSeries, {})).toBeGreaterThan(10);
  expect(costWith(explainSlot, {})).toBeGreaterThan(5);
  expect(costWith(CalendarService.method.getCalendar, {})).toBeGreaterThan(30);
});

test.each(WebhookService.methods)(
  'a call about webhooks costs more than its work, as it has few connections: $name',
  (method) => {
    expect(costWith(method as DescMethodUnary, {})).toBeGreaterThan(5);
  },
);

test('a list costs by its page', () => {
  const { listSessions } = SessionService.method;
  expect(costWith(listSessions, { pageSize: 1_000 })).toBe(41);
  expect(costWith(listSessions, { pageSize: 1_000_000 })).toBe(41);
});

test('a page of webhooks, or of attempts, costs five times as much as other lists', () => {
  const { listWebhooks, listDeliveries } = WebhookService.method;
  for (const list of [listWebhooks, listDeliveries]) {
    expect(costWith(list, { pageSize: 500 })).toBe(106);
    expect(costWith(list, { pageSize: 1_000 })).toBe(MAX_COST);
  }
});

test('a search costs by the slots and the coaches that it asks for', () => {
  expect(costWith(findSlots, { limit: 1 })).toBeLessThan(2);
  expect(costWith(findSlots, {})).toBeGreaterThan(10);
  const one = costWith(findSlotsOfCoaches, { coachHashIds: coaches(1), limit: 1 });
  expect(costWith(findSlotsOfCoaches, { coachHashIds: coaches(100), limit: 1 })).toBeGreaterThan(10 * one);
});

test('a search that asks for too much costs no more than the largest', () => {
  const largest = costWith(findSlotsOfCoaches, { coachHashIds: coaches(100), limit: 5_000 });
  expect(costWith(findSlotsOfCoaches, { coachHashIds: coaches(10_000), limit: 2 ** 31 - 1 })).toBe(largest);
  expect(costWith(findSlots, { limit: -(2 ** 31) })).toBeGreaterThan(0);
});

test('an availability costs by its hours', () => {
  expect(costWith(setAvailability, {})).toBe(1);
  const dates = many(500).map((_, nr) => ({ date: `${nr}`, hours: many(4) }));
  expect(costWith(setAvailability, { availability: { dates } })).toBe(101);
});

test('a sync costs by what it brings', () => {
  expect(costWith(syncTimeOff, {})).toBe(1);
  expect(costWith(syncTimeOff, { timeOff: many(1_000) })).toBe(101);
  expect(costWith(syncTimeOff, { timeOff: many(100_000) })).toBe(MAX_COST);
});

test('a calendar costs little more than a booking: a thread reads it, for long', () => {
  expect(costWith(syncTimeOff, { calendar: new Uint8Array(1024 * 1024) })).toBe(9);
});
