import { type DescField, type DescMessage, getOption, type JsonObject, type JsonValue } from '@bufbuild/protobuf';
import { FieldBehavior, field_behavior } from '../../src/gen/google/api/field_behavior_pb.js';
import type { Random } from '../model/random.js';
import { between, pick } from './attack.js';
import { anyRule } from './rules.js';
import { atMinute, NOWHERE, type World } from './world.js';

/** A value for one field of a request, as protobuf JSON. */
type Value = (random: Random, world: World) => JsonValue;

/** What a field may contain, and what strains it: well-formed, but at a limit, beyond it, or unexpected. */
interface Values {
  readonly usual: Value;
  readonly extreme: Value;
}

const long = (length: number, text = 'x') => text.repeat(length);
const token = (content: string) => Buffer.from(content).toString('base64url');
const oneOf =
  (...values: readonly JsonValue[]): Value =>
  (random) =>
    pick(random, values);
const always =
  (value: Value): Value =>
  (...given) =>
    value(...given);

const ODD_IDS = ['x', long(128), long(129), long(100_000), '', '~', '..', 'a/b', '__proto__', 'a b', '%00', 'ü', ':'];
const ODD_TEXTS = [
  '',
  long(1_000),
  long(1_001),
  long(100_000),
  long(500, '🙂'),
  '\u0000',
  '\u202e\u0007',
  '"\\',
  '\ufffe',
];
const UNKNOWN_ID = '0190a5b0-0000-7000-8000-000000000000';
const ODD_UUIDS = [
  UNKNOWN_ID,
  UNKNOWN_ID.toUpperCase(),
  '',
  'x',
  '.',
  '..',
  long(10_000),
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
];
const ZONES = [
  'Europe/Zurich',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Africa/Monrovia',
  'Pacific/Apia',
  'Etc/GMT+12',
];
const ODD_ZONES = [
  'UTC',
  'europe/zurich',
  '+14:00',
  'Mars/Phobos',
  '',
  '/',
  long(100_000),
  'Europe/../Zurich',
  'America/Caracas',
];
const EARLY_AND_LATE = [
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
  '9999-12-31T00:00:00Z',
  '1970-01-01T00:00:00Z',
];
const ODD_NUMBERS = [0, -1, 1, 1_000, 1_001, 1_440, 1_441, 1_800, 1_801, 2 ** 31 - 1, -(2 ** 31)];
const base64 = (text: string) => Buffer.from(text).toString('base64');
/** A calendar of events, some of which recur for ever. */
const anyCalendar = (random: Random, events = 3) => {
  const lines = Array.from({ length: events }, (_, nr) => {
    const rule = random.chance(0.5) ? [`RRULE:${anyRule(random, 400)}`] : [];
    return ['BEGIN:VEVENT', `UID:${nr}`, `DTSTART:2030030${nr % 9}T090000Z`, 'DURATION:PT1H', ...rule, 'END:VEVENT'];
  });
  return ['BEGIN:VCALENDAR', ...lines.flat(), 'END:VCALENDAR', ''].join('\r\n');
};
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

const hashId = (kind: 'coaches' | 'clients'): Values => ({
  usual: (random, world) => pick(random, world[kind]),
  extreme: oneOf(...ODD_IDS),
});
const uuid = (kind: 'sessions' | 'holds' | 'series' | 'timeOff' | 'webhooks'): Values => ({
  usual: (random, world) => pick(random, world[kind]),
  extreme: (random, world) => pick(random, [...ODD_UUIDS, ...world.sessions.slice(0, 3), ...world.holds.slice(0, 3)]),
});
const time: Values = { usual: (random) => atMinute(random.below(3_000)), extreme: oneOf(...EARLY_AND_LATE) };
const flag: Values = { usual: oneOf(true, false), extreme: oneOf(true, false) };
const numberWithin = (min: number, max: number): Values => ({
  usual: (random) => between(random, min, max),
  extreme: oneOf(min, max, ...ODD_NUMBERS),
});
const text: Values = { usual: oneOf('ill', 'late train', ''), extreme: oneOf(...ODD_TEXTS) };
const enumOf = (...names: string[]): Values => ({ usual: oneOf(...names), extreme: oneOf(0, 7, -1, 2 ** 31 - 1) });

/** A list of two values, or of very many. */
const listOf = ({ usual, extreme }: Values): Values => ({
  usual: (random, world) => [usual(random, world), usual(random, world)],
  extreme: (random, world) => {
    const value = random.chance(0.5) ? usual : extreme;
    return Array.from({ length: pick(random, [0, 1, 10_000]) }, () => value(random, world));
  },
});

/** A time of day on the quarter of an hour. */
const clock = (random: Random, from: number, to: number): string => {
  const quarter = between(random, 4 * from, 4 * to - 1);
  return `${String(Math.floor(quarter / 4)).padStart(2, '0')}:${String((quarter % 4) * 15).padStart(2, '0')}`;
};
const beginning: Values = {
  usual: (random) => clock(random, 0, 12),
  extreme: oneOf('00:00', '23:59', '24:00', '25:61', '9:00', '', long(100_000)),
};
const ending: Values = {
  usual: (random) => clock(random, 12, 24),
  extreme: oneOf('24:00', '00:00', '02:00', '25:61', '', long(100_000)),
};
const date: Values = {
  usual: (random) => `2030-03-${between(random, 10, 31)}`,
  extreme: oneOf('0001-01-01', '9999-12-31', '2030-02-30', '2030-2-1', '', long(100_000)),
};
const days: Values = {
  usual: (random) => atMinute(random.below(62 * 1_440)),
  extreme: oneOf(...EARLY_AND_LATE, atMinute(62 * 1_440)),
};

/** How many messages a list has. */
const lengthOfList = (random: Random, strain: number): number =>
  random.chance(strain) ? pick(random, [0, 1, 24, 100, 1_000, 2_001]) : 2;

/** The name of a calendar source, which has a place in the path. */
const inPath: Values = { usual: oneOf('calendar', 'hr'), extreme: oneOf(...ODD_TEXTS, ...ODD_IDS) };

/** By the name of the field; `Message.field` where a name means different things. */
const VALUES: Readonly<Record<string, Values>> = {
  coach_hash_id: hashId('coaches'),
  client_hash_id: hashId('clients'),
  id: uuid('sessions'),
  'GetHoldRequest.id': uuid('holds'),
  'ConfirmHoldRequest.id': uuid('holds'),
  'ReleaseHoldRequest.id': uuid('holds'),
  'RemoveTimeOffRequest.id': uuid('timeOff'),
  'GetTimeOffRequest.id': uuid('timeOff'),
  'GetWebhookRequest.id': uuid('webhooks'),
  'UpdateWebhookRequest.id': uuid('webhooks'),
  'DeleteWebhookRequest.id': uuid('webhooks'),
  'TestWebhookRequest.id': uuid('webhooks'),
  'PauseWebhookRequest.id': uuid('webhooks'),
  'ResumeWebhookRequest.id': uuid('webhooks'),
  'ReplayWebhookRequest.id': uuid('webhooks'),
  'SkipChangeRequest.id': uuid('webhooks'),
  'RotateSecretRequest.id': uuid('webhooks'),
  'ListDeliveriesRequest.id': uuid('webhooks'),
  session_id: uuid('sessions'),
  series_id: uuid('series'),
  coach_hash_ids: {
    usual: (random, world) => world.coaches.slice(0, between(random, 1, world.coaches.length)),
    extreme: (random) => Array.from({ length: pick(random, [0, 1, 100, 101, 10_000]) }, (_, nr) => `coach-${nr}`),
  },
  start: time,
  from: time,
  to: time,
  end: time,
  'FindSlotsRequest.to': days,
  'FindSlotsOfCoachesRequest.to': days,
  'SimulatePolicyRequest.to': days,
  'WeeklyHours.from': beginning,
  'WeeklyHours.to': ending,
  'Hours.from': beginning,
  'Hours.to': ending,
  days: listOf(enumOf('MONDAY', 'TUESDAY', 'FRIDAY', 'SUNDAY')),
  date,
  first_date: date,
  last_date: date,
  calendar: {
    usual: (random) => base64(anyCalendar(random)),
    extreme: (random) => pick(random, ['', base64('BEGIN:VCALENDAR'), base64(anyCalendar(random, 900))]),
  },
  calendar_charset: {
    usual: oneOf('', 'utf-8'),
    extreme: oneOf('klingon', 'utf-16', 'utf 8', long(41), long(100_000)),
  },
  source: { usual: oneOf('calendar', 'hr', ''), extreme: oneOf(...ODD_TEXTS) },
  'SetCalendarSourceRequest.source': inPath,
  'GetCalendarSourceRequest.source': inPath,
  'FetchCalendarSourceRequest.source': inPath,
  'DeleteCalendarSourceRequest.source': inPath,
  'CalendarSource.url': {
    usual: oneOf('https://calendar.invalid/private/basic.ics', 'webcal://calendar.invalid/all.ics'),
    extreme: oneOf(
      '',
      'x',
      'http://127.0.0.1/',
      'https://[::1]/',
      `https://x.invalid/${long(100_000)}`,
      'file:///etc/passwd',
    ),
  },
  'Webhook.url': {
    usual: oneOf(NOWHERE, `${NOWHERE}?of=all`),
    // Nothing but what is no URL, or leads to this machine: a name would be looked up by somebody else.
    extreme: oneOf('', 'x', 'http://127.0.0.1/', 'https://[::1]/', `${NOWHERE}/${long(100_000)}`, `${NOWHERE}#\u0000`),
  },
  // Nobody's changes: each webhook of all changes keeps up to 500 of them in memory, and there may be 1,000 webhooks.
  'Webhook.client_hash_id': { usual: oneOf('nobody'), extreme: oneOf(...ODD_IDS.filter((id) => id !== '')) },
  'Webhook.description': text,
  types: listOf({
    usual: oneOf('SessionScheduled', 'SessionCancelled,SlotHeld'),
    extreme: oneOf('', ',', 'x', '__proto__', 'SessionScheduled,'),
  }),
  change_id: uuid('sessions'),
  after_position: {
    usual: (random) => String(random.below(2_000)),
    extreme: oneOf('0', '-1', '9007199254740993', '9223372036854775807', '-9223372036854775808'),
  },
  include_present: flag,
  overlap_seconds: numberWithin(0, 2_592_000),
  failed_only: flag,
  interval: numberWithin(5, 10_080),
  key: {
    usual: oneOf('', `calendarkey_${long(49)}`),
    extreme: oneOf('calendarkey_', long(128), long(129), long(100_000), '\u0000', 'ü'),
  },
  organizer: {
    usual: oneOf('', 'coach@example.com'),
    extreme: oneOf('x', 'a@b\r\nX:1', '"@x', long(254, '@'), long(100_000)),
  },
  attendee: { usual: oneOf('', 'client@example.com'), extreme: oneOf('x', 'a@b;c=d', 'ü@ü.example', long(100_000)) },
  'CreateCalendarLinkRequest.description': text,
  external_id: text,
  gap_before: numberWithin(0, 1_440),
  gap_after: numberWithin(0, 1_440),
  notice: numberWithin(0, 525_600),
  horizon_days: numberWithin(0, 3_660),
  grid: numberWithin(1, 1_440),
  durations: listOf(numberWithin(1, 1_440)),
  max_per_day: numberWithin(0, 1_440),
  max_per_week: numberWithin(0, 10_080),
  allow_outside_hours: flag,
  ignore_policy: flag,
  limit: numberWithin(1, 5_000),
  updated_after: { usual: () => new Date(Date.now() - 60_000).toISOString(), extreme: time.extreme },
  as_of: { usual: () => new Date().toISOString(), extreme: time.extreme },
  as_of_revision: {
    usual: (random) => String(random.below(2_000)),
    extreme: oneOf('0', '-1', '9007199254740991', '9223372036854775807', '-9223372036854775808'),
  },
  duration: numberWithin(1, 1_440),
  ttl_seconds: numberWithin(1, 1_800),
  from_occurrence: numberWithin(1, 104),
  page_size: numberWithin(1, 1_000),
  state: enumOf('SESSION_STATE_SCHEDULED', 'SESSION_STATE_CANCELLED', 'SESSION_STATE_NO_SHOW'),
  states: listOf(enumOf('SESSION_STATE_SCHEDULED', 'SESSION_STATE_CANCELLED', 'SESSION_STATE_NO_SHOW')),
  'ListHoldsRequest.states': listOf(enumOf('HOLD_STATE_OPEN', 'HOLD_STATE_RELEASED', 'HOLD_STATE_EXPIRED')),
  outcome: enumOf('SESSION_STATE_COMPLETED', 'SESSION_STATE_NO_SHOW'),
  cancelled_by: enumOf('PARTY_COACH', 'PARTY_CLIENT', 'PARTY_ORGANIZATION'),
  absent: enumOf('PARTY_COACH', 'PARTY_CLIENT'),
  reason: text,
  etag: { usual: oneOf('', '0', '1'), extreme: oneOf('"0"', long(64), long(65), '18446744073709551616', '\u0000') },
  request_id: {
    usual: (random) => `hostile-${random.below(1_000_000)}`,
    extreme: oneOf(long(128, '~'), long(129), long(100_000), ' ', 'ü', '\u007f'),
  },
  page_token: {
    usual: (random, world) => (random.chance(0.3) ? pick(random, world.pageTokens) : ''),
    extreme: oneOf(
      'x',
      token('[]'),
      token('[1e308,"x","y"]'),
      token(`[0,"${UNKNOWN_ID}","x"]`),
      token('[9007199254740993,"x"]'),
      token(nested(30_000)),
      token(`{"length":3}`),
      long(100_000),
    ),
  },
  consistency_token: {
    usual: (random, world) => (random.chance(0.3) ? pick(random, world.consistencyTokens) : ''),
    extreme: oneOf(
      'x',
      token('["p0"]'),
      token('["p9999999999999999999"]'),
      token('["p-1"]'),
      token('[0]'),
      long(100_000),
    ),
  },
  local_start: {
    usual: (random) => `2030-03-${between(random, 10, 30)}T09:30`,
    extreme: oneOf(
      '0001-01-01T00:00',
      '9999-12-31T23:59:59',
      '2030-02-30T09:00',
      '2030-03-31T02:30',
      '',
      long(100_000),
    ),
  },
  time_zone: { usual: oneOf(...ZONES), extreme: oneOf(...ODD_ZONES) },
  recurrence: { usual: (random) => anyRule(random, 104), extreme: (random) => anyRule(random, 400) },
  skip_conflicts: flag,
  newest_first: flag,
  fields: listOf({
    usual: oneOf('id', 'start', 'coachHashId', 'id,start'),
    extreme: oneOf('', ',', ',,,,', 'id,id', '__proto__', 'constructor', '$typeName', 'x'),
  }),
  validate_only: { usual: (random) => random.chance(0.8), extreme: always(flag.usual) },
};

/** The generator of a field. Throws when there is none: a new field needs one. */
function valuesOf(message: DescMessage, field: DescField): Values {
  const found = VALUES[`${message.name}.${field.name}`] ?? VALUES[field.name];
  if (!found) throw new Error(`test/hostile/values.ts has no values for ${message.typeName}.${field.name}`);
  return found;
}

/** Fields that requests always have, although they need not. */
const ALWAYS: ReadonlySet<string> = new Set(['Webhook.client_hash_id']);

const has = (field: DescField, behavior: FieldBehavior) => getOption(field, field_behavior).includes(behavior);

/**
 * A request that is well-formed, as JSON in proto names. Throws when a field has no generator.
 * @param strain the share of fields with an extreme value, 0 to 1
 */
export function anyRequest(message: DescMessage, random: Random, world: World, strain: number): JsonObject {
  const entries = message.fields
    .filter((field) => !has(field, FieldBehavior.OUTPUT_ONLY))
    .filter((field) => {
      const share = has(field, FieldBehavior.REQUIRED) ? 1 - strain / 10 : 0.4;
      return random.chance(share) || ALWAYS.has(`${message.name}.${field.name}`);
    })
    .map((field): [string, JsonValue] => {
      if (field.message && field.message.typeName !== 'google.protobuf.Timestamp') {
        const { message } = field;
        if (field.fieldKind !== 'list') return [field.name, anyRequest(message, random, world, strain)];
        const length = lengthOfList(random, strain);
        // A long list of long texts would only be a request that is too large.
        const ofItems = length > 2 ? strain / (20 * length) : strain;
        return [field.name, Array.from({ length }, () => anyRequest(message, random, world, ofItems))];
      }
      const { usual, extreme } = valuesOf(message, field);
      return [field.name, (random.chance(strain) ? extreme : usual)(random, world)];
    });
  return Object.fromEntries(entries);
}
