import type { Timestamp } from '@bufbuild/protobuf/wkt';
import type { SessionChange } from '../audit-log.js';
import type { Series } from '../coach.js';
import type { Hold } from '../hold.js';
import { keyOf, type Request } from '../requests.js';
import type { Session } from '../session.js';
import { timeOf } from '../stored-events.js';
import { jsonbText } from './jsonb-text.js';
import { OFFERING_TABLES } from './offering-rows.js';

/** A value as the audit compares it: times are epoch milliseconds. */
export type Value = string | number | null;

/** A row by the names of its columns. */
export type Row = Readonly<Record<string, Value>>;

/** How a column is read. */
type Kind = 'text' | 'number' | 'time' | 'date';

/** A table of `read_model`, and the columns by which its rows are told apart. */
export interface AuditedTable {
  readonly name: string;
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, Kind>>;
}

const PARTIES = { coach_hash_id: 'text', client_hash_id: 'text' } as const;

const SESSION = {
  ...PARTIES,
  start: 'time',
  duration: 'number',
  state: 'text',
  revision: 'number',
  created_at: 'time',
  series_id: 'text',
  occurrence: 'number',
  local_start: 'text',
  cancelled_by: 'text',
  absent: 'text',
  reason: 'text',
} as const;

/** The tables that are made from the log, all columns of each. */
export const TABLES = {
  sessions: { name: 'sessions', key: ['id'], columns: { id: 'text', ...SESSION, updated_at: 'time' } },
  history: {
    name: 'session_history',
    key: ['session_id', 'revision'],
    columns: {
      session_id: 'text',
      ...SESSION,
      type: 'text',
      decided_at: 'time',
      actor: 'text',
      subject: 'text',
      request_id: 'text',
      correlation_id: 'text',
      position: 'number',
      offset_minutes: 'number',
    },
  },
  holds: {
    name: 'holds',
    key: ['id'],
    columns: {
      id: 'text',
      ...PARTIES,
      start: 'time',
      duration: 'number',
      state: 'text',
      held_at: 'time',
      expires_at: 'time',
      revision: 'number',
      updated_at: 'time',
    },
  },
  series: {
    name: 'series',
    key: ['id'],
    columns: {
      id: 'text',
      ...PARTIES,
      local_start: 'text',
      time_zone: 'text',
      duration: 'number',
      recurrence: 'text',
      disambiguation: 'text',
      zone_rules_version: 'text',
      skipped: 'text',
      scheduled_at: 'time',
      revision: 'number',
    },
  },
  requests: {
    name: 'requests',
    key: ['request_id', 'coach_hash_id'],
    columns: { request_id: 'text', coach_hash_id: 'text', fingerprint: 'text', revision: 'number' },
  },
  ...OFFERING_TABLES,
} as const satisfies Readonly<Record<string, AuditedTable>>;

/** The columns that a session has in two tables. */
function columnsOf(session: Session): Row {
  return {
    coach_hash_id: session.coach,
    client_hash_id: session.client,
    start: session.start,
    duration: session.duration,
    state: session.state,
    revision: session.revision,
    created_at: session.scheduledAt,
    series_id: session.seriesId,
    occurrence: session.occurrence,
    local_start: session.localStart,
    cancelled_by: session.cancelledBy,
    absent: session.absent,
    reason: session.reason,
  };
}

/** The row of a session. */
export function sessionRow(session: Session): Row {
  return { id: session.id, ...columnsOf(session), updated_at: session.updatedAt };
}

/** The row of a change of a session. */
export function historyRow({ type, session, entry: { metadata, position, revision } }: SessionChange): Row {
  const isReminder = type === 'SessionReminderDue';
  return {
    session_id: session.id,
    ...columnsOf(session),
    revision,
    reason: isReminder ? null : session.reason,
    offset_minutes: isReminder ? (session.reminders.at(-1) ?? null) : null,
    type,
    decided_at: session.lastAt,
    actor: metadata.actor || null,
    subject: metadata.subject || null,
    request_id: metadata.requestId || null,
    correlation_id: metadata.correlationId || null,
    position: Number(position),
  };
}

/** The row of a hold. */
export function holdRow(hold: Hold): Row {
  return {
    id: hold.id,
    coach_hash_id: hold.coach,
    client_hash_id: hold.client,
    start: hold.start,
    duration: hold.duration,
    state: hold.state,
    held_at: hold.heldAt,
    expires_at: hold.expiresAt,
    revision: hold.revision,
    updated_at: hold.updatedAt,
  };
}

/** The row of a series. */
export function seriesRow(series: Series): Row {
  return {
    id: series.id,
    coach_hash_id: series.coach,
    client_hash_id: series.client,
    local_start: series.localStart,
    time_zone: series.timeZone,
    duration: series.duration,
    recurrence: series.recurrence,
    disambiguation: series.disambiguation,
    zone_rules_version: series.zoneRulesVersion || null,
    skipped: skippedText(series.skipped),
    scheduled_at: series.scheduledAt,
    revision: series.revision,
  };
}

/** What was skipped, as Postgres writes it. */
function skippedText(skipped: Series['skipped']): string {
  const time = (value: Timestamp | undefined) => new Date(timeOf(value)).toISOString();
  return jsonbText(
    skipped.map((one) => ({
      occurrence: one.occurrence,
      start: time(one.start),
      end: time(one.end),
      reason: one.reason,
      in_the_way_start: time(one.inTheWayStart),
      in_the_way_end: time(one.inTheWayEnd),
      ...(one.obstacles.length > 0 && { obstacles: one.obstacles }),
    })),
  );
}

/** The row of a request of a coach. */
export function requestRow(request: Request, coachHashId: string): Row {
  const { fingerprint, revision } = request;
  return { request_id: keyOf(request), coach_hash_id: coachHashId, fingerprint, revision };
}
