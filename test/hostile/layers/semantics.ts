import type { DescMethod, DescMethodUnary } from '@bufbuild/protobuf';
import { AvailabilityService } from '../../../src/gen/aceup/scheduler/v1/availability_service_pb.js';
import { CalendarService } from '../../../src/gen/aceup/scheduler/v1/calendar_service_pb.js';
import { SessionService } from '../../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { WebhookService } from '../../../src/gen/aceup/scheduler/v1/webhook_service_pb.js';
import type { Random } from '../../model/random.js';
import { type Attack, type AttackLayer, between, DOORS, pick } from '../attack.js';
import { asLast, bytesOf, envelope, httpRequest, pathOf, written } from '../http1.js';
import { call, opening } from '../http2.js';
import { anyRequest } from '../values.js';
import type { World } from '../world.js';

const ALL: readonly DescMethod[] = [
  ...SessionService.methods,
  ...AvailabilityService.methods,
  ...CalendarService.methods,
  ...WebhookService.methods,
];

/**
 * The methods to attack. A new one is attacked as soon as it is in the proto, unless it streams: such an answer has no
 * end, and a layer of its own.
 */
export const METHODS = ALL.filter((method) => method.methodKind === 'unary') as readonly DescMethodUnary[];

/** Well-formed requests with values at limits and beyond them, forged tokens and ids of something else. */
export const semantics: AttackLayer = {
  doors: DOORS,
  attack(random, world, door): Attack {
    const method = pick(random, METHODS);
    const count = pick(random, [1, 1, 4, 12]);
    const strain = pick(random, [0, 0.1, 0.3, 1]);
    const requests = Array.from({ length: count }, () => anyRequest(method.input, random, world, strain));
    const writes =
      door === 'grpc'
        ? [
            grpcCalls(
              method,
              requests.map((request) => envelope(bytesOf(method, request))),
            ),
          ]
        : [Buffer.concat(lastOf(requests.map((request) => httpRequest(door, method, request))).map(written))];
    return {
      what: `${method.name} with ${strain * 100}% extreme values`,
      door,
      writes,
      requests: count,
      answers: count,
    };
  },
};

/** The last one closes the connection. */
export function lastOf<Request extends Parameters<typeof asLast>[0]>(requests: readonly Request[]) {
  return requests.map((request, index) => (index === requests.length - 1 ? asLast(request) : request));
}

/** Calls on one connection of gRPC. */
export function grpcCalls(method: DescMethodUnary, bodies: readonly Buffer[]): Buffer {
  return Buffer.concat([opening(), ...bodies.map((body, index) => call(2 * index + 1, pathOf(method), body))]);
}

/** A usual request of any method. */
export function usualRequest(random: Random, world: World) {
  const method = pick(random, METHODS);
  return { method, json: anyRequest(method.input, random, world, 0) };
}

/** One to as many as `most`. */
export const howMany = (random: Random, most: number): number => between(random, 1, most);
