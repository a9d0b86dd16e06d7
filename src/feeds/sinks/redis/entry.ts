import type { Position } from '../../../event-store/event-store.js';
import { type CloudEvent, dataTextOf, placeInCloudEvent } from '../../cloud-event.js';
import type { Place } from '../../place.js';
import type { Reply } from './connection.js';

/** The fields of an entry, in this order: the attributes of the CloudEvent, and its data as text. */
const FIELDS = [
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'datacontenttype',
  'partitionkey',
  'sequence',
  'data',
] as const satisfies readonly (keyof CloudEvent)[];

/** How many arguments of XADD an entry is: its id, and each field with its value. */
export const ARGUMENTS = 1 + 2 * FIELDS.length;

/** The id of the entry that has the change at a position. */
export function entryId(position: Position): string {
  return `${position}-0`;
}

/** The position that an id stands for; undefined when this service makes no such id. */
export function positionIn(id: string): Position | undefined {
  const [, position] = /^(\d+)-0$/.exec(id) ?? [];
  return position === undefined ? undefined : BigInt(position);
}

/** An entry as arguments of XADD. */
export function entryOf(position: Position, event: CloudEvent): string[] {
  const values = FIELDS.flatMap((field) => [field, field === 'data' ? dataTextOf(event) : event[field]]);
  return [entryId(position), ...values];
}

/** An entry of the stream, as Redis answers it. */
export interface Entry {
  readonly id: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** The entries in the answer to XRANGE. */
export function entriesIn(reply: Reply): Entry[] {
  return (reply as readonly [string, readonly string[]][]).map(([id, list]) => {
    const fields: Record<string, string> = {};
    for (let at = 0; at < list.length; at += 2) fields[list[at]!] = list[at + 1]!;
    return { id, fields };
  });
}

/** The change that an entry has; undefined when this service did not make the entry. */
export function placeInEntry({ id, fields }: Entry): Place | undefined {
  const place = placeInCloudEvent(fields);
  return place && entryId(place.position) === id ? place : undefined;
}
