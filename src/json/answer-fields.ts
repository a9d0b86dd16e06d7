/**
 * Writes the fields of answers as JSON, for the code in src/gen: what `toJson` of protobuf-es writes. A field that is
 * undefined is written as its default. Each function throws for a value that its type cannot have.
 */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { TimestampSchema } from '@bufbuild/protobuf/wkt';
import { FIRST_TIME, LAST_TIME } from '../domain/slot.js';
import { quoted } from './text.js';
import { timeText } from './times.js';

export function writeText(value: string | undefined): string {
  return value === undefined ? '""' : quoted(value);
}

export function writeBool(value: boolean | undefined): string {
  return value ? 'true' : 'false';
}

export function writeInt32(value: number | undefined): string {
  if (value === undefined) return '0';
  if (value !== (value | 0)) throw new RangeError(`${value} is not an int32`);
  return String(value);
}

export function writeInt64(value: bigint | undefined): string {
  return value === undefined ? '"0"' : `"${value}"`;
}

export function writeTime({ seconds = 0n, nanos = 0 }: MessageInitShape<typeof TimestampSchema>): string {
  const ms = Number(seconds) * 1000;
  if (!(ms >= FIRST_TIME && ms <= LAST_TIME && nanos >= 0 && nanos <= 999_999_999)) {
    throw new RangeError(`a time of ${seconds} seconds and ${nanos} nanoseconds is not in the years 1 to 9999`);
  }
  if (nanos % 1_000_000 === 0) return `"${timeText(ms + nanos / 1_000_000)}"`;
  const fraction = String(nanos).padStart(9, '0');
  return `"${timeText(ms).slice(0, -1)}.${nanos % 1_000 === 0 ? fraction.slice(0, 6) : fraction}Z"`;
}

export function writeList<Item>(items: readonly Item[] | undefined, write: (item: Item) => string): string {
  if (items === undefined) return '[]';
  let json = '';
  for (const item of items) json += json === '' ? write(item) : `,${write(item)}`;
  return `[${json}]`;
}
