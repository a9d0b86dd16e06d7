import type { TestService } from '../support/service.js';
import { clients } from './session-life/clients.suite.js';
import { holds } from './session-life/holds.suite.js';
import { lists } from './session-life/lists.suite.js';
import { mistakes } from './session-life/mistakes.suite.js';
import { outcomes } from './session-life/outcomes.suite.js';
import { past } from './session-life/past.suite.js';
import { reschedule } from './session-life/reschedule.suite.js';
import { series } from './session-life/series.suite.js';
import { validateOnly } from './session-life/validate-only.suite.js';
import { versions } from './session-life/versions.suite.js';
import { throughEveryDoor } from './through-every-door.js';

const TOPICS = [outcomes, versions, validateOnly, reschedule, clients, holds, series, lists, past, mistakes];

/**
 * The whole life of a session through every door.
 * @param start starts the service
 */
export function sessionLife(start: () => Promise<TestService>): void {
  throughEveryDoor(start, TOPICS);
}
