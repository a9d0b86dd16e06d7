import type { Commands } from '../application/client/book.js';
import type { Outcome } from '../application/submission.js';
import type { RescheduleSession } from '../domain/coach/commands.js';
import { etagOf } from '../domain/coach/session.js';
import type { ZoneChange } from '../domain/recurrence/zone-changes.js';
import { endOf, type Interval } from '../domain/slot.js';
import { timeText } from '../json/times.js';
import { Cancellation } from '../waiting.js';

/** What moving sessions needs. */
export interface MakeParts {
  readonly commands: Commands;
  /** The release of the rules that the new starts follow from. */
  readonly version: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Gives an id for the events of a run, by which they are found in the history. */
  readonly newId: () => string;
  /** False: only find out what would become of each session. */
  readonly apply: boolean;
}

/** What became, or would become, of a session. */
export interface MadeChange {
  readonly change: ZoneChange;
  /** Undefined: it moves. */
  readonly stays: string | undefined;
}

/**
 * Moves each session to its new start, by the command that reschedules a session, under all of its rules but the coach's
 * hours, time off and booking policy. Sessions that are in each other's way move in an order in which each makes room for
 * the next. A session that cannot move stays. Throws what `Commands` throws; a repetition goes on with the rest.
 */
export async function makeZoneChanges(changes: readonly ZoneChange[], parts: MakeParts): Promise<MadeChange[]> {
  const correlationId = parts.newId();
  const staying = new Map<ZoneChange, Obstacle>();
  let open = inOrder(changes);
  for (let before = Number.POSITIVE_INFINITY; open.length > 0 && open.length < before; ) {
    before = open.length;
    for (const change of open) {
      const obstacle = await move(change, correlationId, parts);
      if (obstacle) staying.set(change, obstacle);
      else staying.delete(change);
    }
    // What stayed may have room now. When nothing is written, another round meets the same.
    open = parts.apply ? open.filter((change) => staying.has(change)) : [];
  }
  if (!parts.apply) leaveOutThoseThatGetRoom(staying, changes);
  return changes.map((change) => ({ change, stays: staying.get(change)?.reason }));
}

/** Why a session cannot move, and the time that is taken, if that is why. */
interface Obstacle {
  readonly reason: string;
  readonly inTheWay?: Interval;
}

/** When nothing is written, sessions are in the way that would have moved by then. */
function leaveOutThoseThatGetRoom(staying: Map<ZoneChange, Obstacle>, changes: readonly ZoneChange[]): void {
  const getsRoom = ([change, { inTheWay }]: [ZoneChange, Obstacle]) =>
    changes.some((other) => inTheWay && !staying.has(other) && takes(other, inTheWay) && isWith(other, change));
  for (let found = [...staying].filter(getsRoom); found.length > 0; found = [...staying].filter(getsRoom)) {
    for (const [change] of found) staying.delete(change);
  }
}

function takes({ session }: ZoneChange, { start, end }: Interval): boolean {
  return session.start === start && endOf(session) === end;
}

function isWith({ session: one }: ZoneChange, { session: other }: ZoneChange): boolean {
  return one.coachHashId === other.coachHashId || one.clientHashId === other.clientHashId;
}

/** Those that move later, the last one first; then those that move earlier, the first one first. */
function inOrder(changes: readonly ZoneChange[]): ZoneChange[] {
  const isLater = ({ session, newStart = 0 }: ZoneChange) => newStart > session.start;
  const later = changes.filter(isLater).sort((one, other) => other.session.start - one.session.start);
  const earlier = changes.filter((change) => !isLater(change));
  return [...later, ...earlier.sort((one, other) => one.session.start - other.session.start)];
}

async function move(change: ZoneChange, correlationId: string, parts: MakeParts): Promise<Obstacle | undefined> {
  const { session, timeZone, newStart } = change;
  const { version, apply } = parts;
  const now = parts.now();
  if (newStart === undefined) return { reason: `${timeZone} is not the IANA name of a time zone` };
  if (newStart <= now) return { reason: 'it would have begun already' };
  const etag = etagOf(session);
  const command: RescheduleSession = {
    type: 'RescheduleSession',
    coachHashId: session.coachHashId,
    sessionId: session.id,
    start: newStart,
    duration: undefined,
    etag,
    reason: `the rules of ${timeZone}, release ${version}`,
    zoneRulesVersion: version,
    // What was booked keeps its wall time, whatever may be booked now.
    ignorePolicy: true,
    now,
  };
  const metadata = {
    $typeName: 'aceup.scheduler.v1.EventMetadata',
    correlationId,
    requestId: `zone-rules-${version}-${session.id}-${etag}`,
    requestFingerprint: `zone-rules-${newStart}`,
    traceparent: '',
    actor: '',
    subject: '',
  } as const;
  const cancellation = new Cancellation();
  return obstacleOf(await parts.commands.submit({ command, metadata, validateOnly: !apply, cancellation }));
}

/** Undefined when the command was accepted. */
function obstacleOf(outcome: Outcome): Obstacle | undefined {
  if (outcome.kind === 'accepted') return undefined;
  if (outcome.kind !== 'rejected') return { reason: outcome.kind };
  const { rejection } = outcome;
  if (!('inTheWay' in rejection)) return { reason: rejection.reason };
  const { start, end } = rejection.inTheWay;
  return { reason: `${rejection.reason} from ${timeText(start)} to ${timeText(end)}`, inTheWay: rejection.inTheWay };
}
