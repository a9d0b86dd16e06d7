import { afterAll, beforeAll, describe } from 'vitest';
import { type Door, doorsOf } from '../support/doors.js';
import type { TestService } from '../support/service.js';

/** The doors of a service that runs for the tests of a file. */
export interface OpenDoors {
  all(): readonly Door[];
  doorNamed(name: string): Door;
}

/** Starts a service before the tests and stops it after them. */
export function useDoors(start: () => Promise<TestService>): OpenDoors {
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

  return { all: () => doors, doorNamed: (name) => doors.find((door) => door.name === name) as Door };
}

/**
 * Tests topics through every door. All topics use one service, since starting one takes seconds; each test is about
 * coaches and clients that no other test has.
 * @param start starts the service
 */
export function throughEveryDoor(
  start: () => Promise<TestService>,
  topics: readonly ((call: Door['call']) => void)[],
): void {
  const { doorNamed } = useDoors(start);

  describe.each(['REST', 'Connect JSON', 'gRPC-Web', 'gRPC'])('through %s', (name) => {
    const call: Door['call'] = (method, request) => doorNamed(name).call(method, request);
    for (const topic of topics) topic(call);
  });
}
