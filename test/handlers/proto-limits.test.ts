import { type DescField, type DescMethod, getOption, hasOption, ScalarType } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { limits } from '../../src/gen/aceup/scheduler/v1/limits_pb.js';
import { Party, SessionState } from '../../src/gen/aceup/scheduler/v1/session_pb.js';
import { SessionService } from '../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { FieldBehavior, field_behavior } from '../../src/gen/google/api/field_behavior_pb.js';
import { type MemoryService, memoryService, SERIES, SLOT, UNKNOWN_ID, violationsOf } from './memory-service.js';

type Name = Parameters<MemoryService['call']>[0];
type Fields = Readonly<Record<string, unknown>>;

/** A request of each method that breaks no rule, and writes nothing. */
const REQUESTS: Readonly<Record<Name, Fields>> = {
  scheduleSession: { session: SLOT, validateOnly: true },
  rescheduleSession: { id: UNKNOWN_ID, start: SLOT.start, validateOnly: true },
  cancelSession: { id: UNKNOWN_ID, cancelledBy: Party.COACH, validateOnly: true },
  completeSession: { id: UNKNOWN_ID, validateOnly: true },
  markNoShow: { id: UNKNOWN_ID, absent: Party.COACH, validateOnly: true },
  correctOutcome: { id: UNKNOWN_ID, outcome: SessionState.COMPLETED, reason: 'a mistake', validateOnly: true },
  scheduleSeries: { series: SERIES, validateOnly: true },
  rescheduleSeries: { seriesId: UNKNOWN_ID, localStart: SERIES.localStart, validateOnly: true },
  cancelSeries: { seriesId: UNKNOWN_ID, cancelledBy: Party.COACH, validateOnly: true },
  getSeries: { seriesId: UNKNOWN_ID },
  listSeries: {},
  holdSlot: { hold: SLOT, validateOnly: true },
  confirmHold: { id: UNKNOWN_ID, validateOnly: true },
  releaseHold: { id: UNKNOWN_ID, validateOnly: true },
  getHold: { id: UNKNOWN_ID },
  listHolds: {},
  getSession: { id: UNKNOWN_ID },
  listSessions: { coachHashId: 'carol' },
  getSessionHistory: { id: UNKNOWN_ID },
  watchSessions: { coachHashId: 'carol' },
};

/** A field of a request, or of a message in it. */
interface Given {
  readonly method: DescMethod;
  readonly path: readonly DescField[];
  readonly field: DescField;
  readonly name: string;
}

const behaves = (field: DescField, behavior: FieldBehavior) => getOption(field, field_behavior).includes(behavior);

/** The texts and numbers that a caller can give. */
function givenIn(method: DescMethod, fields = method.input.fields, above: readonly DescField[] = []): Given[] {
  return fields.flatMap((field) => {
    if (behaves(field, FieldBehavior.OUTPUT_ONLY)) return [];
    const path = [...above, field];
    if (field.message?.file.proto.package === 'aceup.scheduler.v1') return givenIn(method, field.message.fields, path);
    if (field.scalar === undefined || field.scalar === ScalarType.BOOL) return [];
    return [{ method, path, field, name: path.map(({ name }) => name).join('.') }];
  });
}

const GIVEN = SessionService.methods.flatMap((method) => givenIn(method));
const LIMITED = GIVEN.filter(({ field }) => hasOption(field, limits));
const TEXTS = LIMITED.filter(({ field }) => field.scalar === ScalarType.STRING);
const NUMBERS = LIMITED.filter(({ field }) => field.scalar !== ScalarType.STRING);

/** A request with another value of a field. */
function requestWith({ method, path }: Given, value: unknown): Fields {
  const request = REQUESTS[method.localName as Name];
  const [first, second] = path.map(({ localName }) => localName);
  if (!second) return { ...request, [first as string]: value };
  return { ...request, [first as string]: { ...(request[first as string] as Fields), [second]: value } };
}

/** Which of the values the handler refuses for this field. */
async function refused<Value>(given: Given, values: readonly Value[]): Promise<Value[]> {
  const { call } = memoryService();
  const found: Value[] = [];
  for (const value of values) {
    const violations = await violationsOf(call(given.method.localName as Name, requestWith(given, value) as never));
    if (violations.some(({ field }) => field === given.name)) found.push(value);
  }
  return found;
}

/** Whether a value says that the caller leaves the field out. */
function isLeftOut({ field }: Given, value: unknown): boolean {
  return (
    !behaves(field, FieldBehavior.REQUIRED) &&
    !field.proto.proto3Optional &&
    (value === '' || value === 0 || value === 0n)
  );
}

const letters = (count: number) => 'a'.repeat(count);

/** Texts of every kind that a field may have, and of others. None breaks a rule that its field's limits do not say. */
const SAMPLES: readonly string[] = [
  '',
  ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)),
  ...['é', '😀', 'a\n', 'a b', 'AZaz09._~:@|=+/-'],
  ...[64, 65, 128, 129, 1000, 1001].flatMap((count) => [letters(count), '😀'.repeat(count)]),
  ...[UNKNOWN_ID, UNKNOWN_ID.toUpperCase(), UNKNOWN_ID.slice(1), `${UNKNOWN_ID}0`, `g${UNKNOWN_ID.slice(1)}`],
  ...['2030-03-18T09:30', '2030-03-18T09:30:59', '2030-03-18T09:30:60', '2030-03-18T09:30Z', '2030-03-18', '09:30'],
];

/** A recurrence rule of so many characters. */
function ruleOf(length: number): string {
  const [head, tail] = ['FREQ=DAILY;COUNT=', '1;BYDAY=MO'];
  const more = length - head.length - tail.length;
  return head + '0'.repeat(more % 3) + tail + ',MO'.repeat(more / 3);
}

/** Samples of fields that have a language of their own. */
const OWN_SAMPLES: Readonly<Record<string, readonly string[]>> = {
  'series.recurrence': ['', ruleOf(500), ruleOf(501)],
};

const titled = (given: Given) => [`${given.name} of ${given.method.name}`, given] as const;

describe('the limits in the protos are those of the handlers:', () => {
  test.each(TEXTS.map(titled))('%s', async (_title, given) => {
    const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = getOption(given.field, limits);
    const isWithin = (text: string) =>
      [...text].length >= minLength && [...text].length <= maxLength && new RegExp(pattern).test(text);
    const samples = OWN_SAMPLES[given.name] ?? SAMPLES;
    const beyond = samples.filter((text) => !isLeftOut(given, text) && !isWithin(text));

    expect(beyond.length).toBeGreaterThan(0);
    expect(await refused(given, samples)).toEqual(beyond);
  });

  test.each(NUMBERS.map(titled))('%s', async (_title, given) => {
    const { min, max } = getOption(given.field, limits);
    const value = (number: bigint) => (given.field.scalar === ScalarType.INT32 ? Number(number) : number);
    const good = [min, max].filter((number) => number !== undefined).map(value);
    const bad = [min !== undefined && min - 1n, max !== undefined && max + 1n, -1n]
      .filter((number) => number !== false)
      .map(value)
      .filter((number) => !isLeftOut(given, number));

    expect(good.length).toBeGreaterThan(0);
    expect(await refused(given, [...good, ...bad])).toEqual(bad);
    if (isLeftOut(given, 0)) expect(await refused(given, [value(0n)])).toEqual([]);
  });
});

test('every text and number of a request has limits in the protos, or is checked by what it means', () => {
  const others = GIVEN.filter(({ field }) => !hasOption(field, limits)).map(({ name }) => name);
  expect([...new Set(others)]).toEqual(['series.time_zone', 'consistency_token', 'page_token', 'fields', 'types']);
});
