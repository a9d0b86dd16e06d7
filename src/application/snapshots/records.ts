import { crc32 } from 'node:zlib';
import { NIL, parse, stringify } from 'uuid';

/**
 * How each field of a record is packed. `id`: a UUID in lower case or undefined, in 16 bytes; `text`: any text or
 * undefined, in 4; `number`: in 8; `integer`: a whole number from 0 to 2^32 - 1, in 4; `ordinal`: one from 1 to
 * 2^32 - 1 or undefined, in 4.
 */
export type Layout<Item> = {
  readonly [Field in keyof Item]: Item[Field] extends number
    ? 'number' | 'integer'
    : Item[Field] extends number | undefined
      ? 'ordinal'
      : 'id' | 'text';
};

type Kind = 'id' | 'text' | 'number' | 'integer' | 'ordinal';

const SIZES: Readonly<Record<Kind, number>> = { id: 16, text: 4, number: 8, integer: 4, ordinal: 4 };

function sizeOf(layout: Readonly<Record<string, Kind>>): number {
  return Object.values(layout).reduce((size, kind) => size + SIZES[kind], 0);
}

/** The texts of records, once each: the bytes have their indexes. Null stands for undefined, as JSON has it. */
export type Texts = readonly (string | null)[];

/** Records one after the other, and their texts. */
export interface Records {
  readonly records: Buffer;
  readonly texts: Texts;
}

/** Packs items as records, in their order. Throws when a value is not of the kind that the layout says. */
export function packRecords<Item extends object>(items: readonly Item[], layout: Layout<Item>): Records {
  const records = Buffer.allocUnsafe(items.length * sizeOf(layout));
  const texts: (string | null)[] = [];
  const places = new Map<string | null, number>();
  let at = 0;

  const write = {
    id(value: string | undefined) {
      if (value === NIL || value !== value?.toLowerCase()) throw new TypeError(`${value} cannot be packed as an id`);
      records.set(parse(value ?? NIL), at);
      at += SIZES.id;
    },
    text(value: string | null = null) {
      const place = places.get(value) ?? texts.push(value) - 1;
      if (place === places.size) places.set(value, place);
      write.integer(place);
    },
    number(value: number) {
      at = records.writeDoubleLE(value, at);
    },
    integer(value: number) {
      at = records.writeUInt32LE(value, at);
    },
    ordinal(value = 0) {
      write.integer(value);
    },
  };
  for (const item of items) for (const field in layout) write[layout[field] as Kind](item[field] as never);
  return { records, texts };
}

/** The items of records that were packed with the layout. */
export function unpackRecords<Item extends object>({ records, texts }: Records, layout: Layout<Item>): Item[] {
  let at = 0;
  const read = {
    id() {
      const id = stringify(records, at);
      at += SIZES.id;
      return id === NIL ? undefined : id;
    },
    text: () => texts[read.integer()] ?? undefined,
    number() {
      at += SIZES.number;
      return records.readDoubleLE(at - SIZES.number);
    },
    integer() {
      at += SIZES.integer;
      return records.readUInt32LE(at - SIZES.integer);
    },
    ordinal: () => read.integer() || undefined,
  };
  return Array.from({ length: records.length / sizeOf(layout) }, () => {
    const item: Partial<Item> = {};
    for (const field in layout) item[field] = read[layout[field] as Kind]() as Item[typeof field];
    return item as Item;
  });
}

// The last bytes: the length of the JSON before them, and a checksum of everything before the checksum.
const FOOTER = 8;

/** Records, and what else there is to say, as JSON. */
export interface Packed {
  readonly records: Buffer;
  readonly about: object;
}

/** Both in one piece. */
export function seal({ records, about }: Packed): Buffer {
  const json = Buffer.from(JSON.stringify(about));
  const sealed = Buffer.concat([records, json, Buffer.alloc(FOOTER)]);
  const end = sealed.length - 4;
  sealed.writeUInt32LE(json.length, end - 4);
  sealed.writeUInt32LE(crc32(sealed.subarray(0, end)), end);
  return sealed;
}

/** Takes apart what `seal` made. Throws when a byte has changed. */
export function unseal(sealed: Buffer): Packed {
  const end = sealed.length - 4;
  if (end < 4 || sealed.readUInt32LE(end) !== crc32(sealed.subarray(0, end))) throw new Error('damaged bytes');
  const json = end - 4 - sealed.readUInt32LE(end - 4);
  return { records: sealed.subarray(0, json), about: JSON.parse(sealed.toString('utf8', json, end - 4)) };
}
