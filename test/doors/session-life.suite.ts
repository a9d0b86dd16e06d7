import { afterAll, beforeAll, describe } from 'vitest';
import { type Door, doorsOf } from '../support/doors.js';
import type { TestService } from '../support/service.js';
import { clients } from './session-life/clients.suite.js';
import { holds } from './session-life/holds.suite.js';
import { lists } from './session-life/lists.suite.js';
import { mistakes } from './session-life/mistakes.suite.js';
import { outcomes } from './session-life/outcomes.suite.js';
import { past } from './session-life/past.suite.js';
import { reschedule } from './session-life/reschedule.suite.js';
import type { Call } from './session-life/samples.js';
import { series } from './session-life/series.suite.js';
import { validateOnly } from './session-life/validate-only.suite.js';
import { versions } from './session-life/versions.suite.js';

const TOPICS = [outcomes, versions, validateOnly, reschedule, clients, holds, series, lists, past, mistakes];

/**
 * The whole life of a session through every door. All topics use one service, since starting one takes seconds; each
 * test books for coaches and clients that no other test has.
 * @param start starts the service
 */
export function sessionLife(start: () => Promise<TestService>): void {
  let service: TestService;
  let doors: Door[];

  beforeAll(async () => {
    service = await start();
    doors = doorsOf(service);
  });

  afterAll(async () => {
    for (const door of doors ?? []) door.close();
    await service?.stop();
  });

  describe.each(['REST', 'Connect JSON', 'gRPC-Web', 'gRPC'])('through %s', (name) => {
    const call: Call = (method, request) => {
      const door = doors.find((one) => one.name === name) as Door;
      return door.call(method, request);
    };
    for (const topic of TOPICS) topic(call);
  });
}
