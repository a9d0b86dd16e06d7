import { SessionService } from '../../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import type { Random } from '../../model/random.js';
import { type Attack, type AttackLayer, DOORS, pick } from '../attack.js';
import { bytesOf, envelope, type HttpRequest, httpRequest, pathOf, written } from '../http1.js';
import { call, callFields, dataFrames, FRAME, frame, headersFrame, opening, uint32 } from '../http2.js';
import type { World } from '../world.js';
import { lastOf } from './semantics.js';

/** One caller who asks for much at once, all of it well-formed: what it costs is what is wrong with it. */
export const crowds: AttackLayer = {
  doors: DOORS,
  attack: (random, world, door) => pick(random, door === 'grpc' ? GRPC : HTTP)(world, random),
};

type Make = (world: World, random: Random) => Attack;

const { listSessions, scheduleSeries, rescheduleSeries } = SessionService.method;
const times = <Value>(count: number, make: (nr: number) => Value) => Array.from({ length: count }, (_, nr) => make(nr));
const pipelined = (requests: readonly HttpRequest[]) => [Buffer.concat(lastOf(requests).map(written))];

/** The most sessions that a list can have, of the coach with the most sessions. */
const longList = ({ coaches }: World) => ({ coach_hash_id: coaches[0]!, page_size: 1_000 });
const longPast = (world: World) => ({ ...longList(world), as_of: new Date().toISOString() });

/** A rule that takes long to expand, and matches nothing. */
const HEAVY_RULE = `FREQ=MONTHLY;COUNT=1;BYMONTHDAY=${times(28, (nr) => -nr - 1)};BYSETPOS=${times(60, (nr) => -300 + nr)}`;
const heavySeries = ({ coaches, clients }: World) => ({
  series: {
    coach_hash_id: coaches[5]!,
    client_hash_id: clients[5]!,
    local_start: '2030-01-01T09:30',
    time_zone: 'Europe/Zurich',
    duration: 60,
    recurrence: HEAVY_RULE,
  },
});

const HALF_OPEN = { requests: 2_000, answers: 0, connections: 2_000, patience: 4_000 } as const;
const MOST_OF_A_BODY = Buffer.alloc(200_000, 0x20);

function calls(what: string, count: number, one: Buffer): Attack {
  const writes = [Buffer.concat([opening(), ...times(count, (nr) => call(2 * nr + 1, what, one))])];
  // What a caller asks for too much of may time out.
  return {
    what: `${count} calls of ${what}`,
    door: 'grpc',
    writes,
    requests: count,
    answers: count,
    hasDeadline: true,
  };
}

const HTTP: readonly Make[] = [
  (world) => {
    const writes = pipelined(times(4, () => httpRequest('rest', listSessions, longPast(world))));
    return { what: 'lists of the past, 50 at once', door: 'rest', writes, requests: 200, answers: 4, connections: 50 };
  },
  (world) => {
    const writes = pipelined(times(600, () => httpRequest('rest', listSessions, longList(world))));
    return { what: '600 lists on one connection', door: 'rest', writes, requests: 600, answers: 600 };
  },
  (world) => {
    const writes = pipelined(times(100, () => httpRequest('rest', scheduleSeries, heavySeries(world))));
    return { what: '100 heavy rules on one connection', door: 'rest', writes, requests: 100, answers: 100 };
  },
  () => {
    const head =
      'POST /api/v1/sessions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 250000\r\n\r\n';
    const writes = [Buffer.concat([Buffer.from(head), MOST_OF_A_BODY])];
    return { what: 'requests that are not sent to their end', door: 'rest', writes, ...HALF_OPEN };
  },
];

const GRPC: readonly Make[] = [
  (world) => calls(pathOf(listSessions), 1_000, envelope(bytesOf(listSessions, longPast(world)))),
  (world) => calls(pathOf(listSessions), 1_000, envelope(bytesOf(listSessions, longList(world)))),
  (world) => calls(pathOf(scheduleSeries), 1_000, envelope(bytesOf(scheduleSeries, heavySeries(world)))),
  ({ series: [series_id = ''] }) => {
    const move = { series_id, local_start: '2031-03-03T09:30', validate_only: true };
    return calls(pathOf(rescheduleSeries), 1_000, envelope(bytesOf(rescheduleSeries, move)));
  },
  () => {
    const body = dataFrames(1, envelope(MOST_OF_A_BODY, 0, 250_000), 0);
    const writes = [opening(), Buffer.concat([headersFrame(1, callFields(pathOf(listSessions))), body])];
    return { what: 'calls that are not sent to their end', door: 'grpc', writes, ...HALF_OPEN };
  },
  () => {
    const half = (nr: number) => {
      const body = dataFrames(2 * nr + 1, envelope(MOST_OF_A_BODY.subarray(0, 5_000), 0, 250_000), 0);
      return Buffer.concat([headersFrame(2 * nr + 1, callFields(pathOf(listSessions))), body]);
    };
    const unknown = [
      callFields('/no.Service/Method'),
      callFields(pathOf(listSessions), [['content-type', 'text/plain']]),
    ];
    const ends = unknown.map((fields, nr) => headersFrame(201 + 2 * nr, fields));
    const writes = [opening(), Buffer.concat([...times(90, half), ...ends])];
    const what = 'calls that leave no room, then some that are answered at once';
    return { what, door: 'grpc', writes, requests: 368, answers: 0, connections: 4, patience: 1_000 };
  },
  () => {
    const refused = envelope(bytesOf(listSessions, { page_size: -1 }));
    return {
      ...calls(pathOf(listSessions), 100, refused),
      what: 'calls that are refused',
      requests: 2_000,
      connections: 20,
    };
  },
  () => {
    const reset = (stream: number) => [
      headersFrame(stream, callFields(pathOf(listSessions))),
      frame(FRAME.reset, 0, stream, uint32(8)),
    ];
    const writes = [opening(), Buffer.concat(times(1_000, (nr) => reset(2 * nr + 1)).flat())];
    const what = 'calls that are reset at once';
    return { what, door: 'grpc', writes, requests: 20_000, answers: 0, connections: 20, patience: 1_000 };
  },
];
