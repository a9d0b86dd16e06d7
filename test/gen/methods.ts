import type { DescMethod } from '@bufbuild/protobuf';
import { AvailabilityService } from '../../src/gen/aceup/scheduler/v1/availability_service_pb.js';
import { SessionService } from '../../src/gen/aceup/scheduler/v1/session_service_pb.js';

/** Seldom called, with lists of a kind that no code is generated for: reflection reads or writes these. */
const BY_REFLECTION = new Set([
  'SetAvailabilityRequest',
  'SetAvailabilityResponse',
  'GetAvailabilityResponse',
  'SyncTimeOffRequest',
  'SetBookingPolicyRequest',
  'SetBookingPolicyResponse',
  'GetBookingPolicyResponse',
  'SimulatePolicyRequest',
]);

const METHODS: readonly DescMethod[] = [...SessionService.methods, ...AvailabilityService.methods];

/** The requests that code is generated for, each with its name. */
export const REQUESTS = METHODS.filter(({ input }) => !BY_REFLECTION.has(input.name)).map(
  ({ input }) => [input.name, input] as const,
);

/** The answers that code is generated for, each with its name. */
export const ANSWERS = METHODS.filter(({ output }) => !BY_REFLECTION.has(output.name)).map(
  ({ output }) => [output.name, output] as const,
);
