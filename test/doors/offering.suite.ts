import type { TestService } from '../support/service.js';
import { availability } from './offering/availability.suite.js';
import { bookingPolicies } from './offering/booking-policies.suite.js';
import { commands } from './offering/commands.suite.js';
import { explained } from './offering/explained.suite.js';
import { mistakes } from './offering/mistakes.suite.js';
import { refusals } from './offering/refusals.suite.js';
import { simulated } from './offering/simulated.suite.js';
import { slots } from './offering/slots.suite.js';
import { slotsOfCoaches } from './offering/slots-of-coaches.suite.js';
import { slotsOfPeople } from './offering/slots-of-people.suite.js';
import { timeOff } from './offering/time-off.suite.js';
import { throughEveryDoor } from './through-every-door.js';

/**
 * What coaches offer, what is found and what is refused, through every door.
 * @param start starts the service
 */
export function offering(start: () => Promise<TestService>): void {
  throughEveryDoor(start, [
    availability,
    bookingPolicies,
    timeOff,
    commands,
    refusals,
    slots,
    slotsOfPeople,
    slotsOfCoaches,
    explained,
    simulated,
    mistakes,
  ]);
}
