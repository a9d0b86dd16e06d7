import type { CommandSide } from '../application/command-side.js';
import type { AvailabilityQueries, BookingPolicyQueries, TimeOffQueries } from '../application/read-model.js';
import type { SyncCalendar } from '../application/sync-calendar.js';
import type { AvailabilityService } from '../gen/aceup/scheduler/v1/availability_service_pb.js';
import { addTimeOffHandler } from './availability/add-time-off.js';
import { createClientBusy, neverBusy } from './availability/client-busy.js';
import { deleteOfferingHandler } from './availability/delete-offering.js';
import { explainSlotHandler } from './availability/explain-slot.js';
import { findSlotsHandler, findSlotsOfCoachesHandler } from './availability/find-slots.js';
import { getAvailabilityHandler } from './availability/get-availability.js';
import { getBookingPolicyHandler } from './availability/get-booking-policy.js';
import { getTimeOffHandler } from './availability/get-time-off.js';
import { listTimeOffHandler } from './availability/list-time-off.js';
import { removeTimeOffHandler } from './availability/remove-time-off.js';
import { setAvailabilityHandler } from './availability/set-availability.js';
import { setBookingPolicyHandler } from './availability/set-booking-policy.js';
import { simulatePolicyHandler } from './availability/simulate-policy.js';
import { syncTimeOffHandler } from './availability/sync-time-off.js';
import type { Handlers } from './endpoints.js';
import { createReadYourWrites } from './request/read-your-writes.js';
import type { SessionServiceParts } from './session-service.js';

/** What the handlers need: also a look at coaches as commands find them. */
export interface AvailabilityServiceParts extends SessionServiceParts {
  readonly commands: CommandSide;
  readonly availability: AvailabilityQueries;
  readonly bookingPolicies: BookingPolicyQueries;
  readonly timeOff: TimeOffQueries;
  readonly syncCalendar: SyncCalendar;
}

/** The handlers of all rpcs of the service. */
export function availabilityServiceHandlers(given: AvailabilityServiceParts): Handlers<typeof AvailabilityService> {
  const { commands, now, newId, zoneRules, store, freshness, sessions, holds, turns } = given;
  const { availability, bookingPolicies, timeOff, syncCalendar } = given;
  const reads = createReadYourWrites(store, freshness);
  const parts = { commands, now, newId, zoneRules };
  const searching = {
    look: commands.look,
    clientBusy: commands.clientOverlap === 'allow' ? neverBusy : createClientBusy({ sessions, holds, reads }),
    zoneRules,
    turns,
    now,
  };
  return {
    setAvailability: setAvailabilityHandler(parts),
    deleteAvailability: deleteOfferingHandler(parts, 'DeleteAvailability'),
    getAvailability: getAvailabilityHandler(availability, reads),
    addTimeOff: addTimeOffHandler(parts),
    removeTimeOff: removeTimeOffHandler(parts),
    getTimeOff: getTimeOffHandler(timeOff, reads),
    listTimeOff: listTimeOffHandler(timeOff, reads),
    syncTimeOff: syncTimeOffHandler({ ...parts, syncCalendar }),
    setBookingPolicy: setBookingPolicyHandler(parts),
    deleteBookingPolicy: deleteOfferingHandler(parts, 'DeleteBookingPolicy'),
    getBookingPolicy: getBookingPolicyHandler(bookingPolicies, reads),
    findSlots: findSlotsHandler(searching),
    findSlotsOfCoaches: findSlotsOfCoachesHandler(searching),
    explainSlot: explainSlotHandler(searching),
    simulatePolicy: simulatePolicyHandler(searching),
  };
}
