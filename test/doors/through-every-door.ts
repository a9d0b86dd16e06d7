import { afterAll, beforeAll, describe } from 'vitest';
import { type Door, doorsOf } from '../support/doors.js';
import type { TestService } from '../support/service.js';

/**
 * Tests topics through every door. All topics use one service, since starting one takes seconds; each test is about
 * coaches and clients that no other test has.
 * @param start starts the service
 */
export function throughEveryDoor(
  start: () => Promise<TestService>,
  topics: readonly ((call: Door['call']) => void)[],
): void {
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
    const call: Door['call'] = (method, request) => {
      const door = doors.find((one) => one.name === name) as Door;
      return door.call(method, request);
    };
    for (const topic of topics) topic(call);
  });
}
