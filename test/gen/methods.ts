import type { DescMethod } from '@bufbuild/protobuf';
import { AvailabilityService } from '../../src/gen/aceup/scheduler/v1/availability_service_pb.js';
import { CalendarService } from '../../src/gen/aceup/scheduler/v1/calendar_service_pb.js';
import { SessionService } from '../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { WebhookService } from '../../src/gen/aceup/scheduler/v1/webhook_service_pb.js';

/** Seldom given, with lists of a kind that no code is generated for: reflection writes these. */
const BY_REFLECTION = new Set([
  'SetAvailabilityResponse',
  'GetAvailabilityResponse',
  'SetBookingPolicyResponse',
  'GetBookingPolicyResponse',
  // Its doors keep what they have written of a change.
  'WatchSessionsResponse',
]);

const METHODS: readonly DescMethod[] = [
  ...SessionService.methods,
  ...AvailabilityService.methods,
  ...WebhookService.methods,
  ...CalendarService.methods,
];

/** All requests, each with its name. */
export const REQUESTS = METHODS.map(({ input }) => [input.name, input] as const);

/** The answers that code is generated for, each with its name. */
export const ANSWERS = METHODS.filter(({ output }) => !BY_REFLECTION.has(output.name)).map(
  ({ output }) => [output.name, output] as const,
);
