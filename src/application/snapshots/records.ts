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

/** The bytes that a record takes. */
export function sizeOf(layout: Readonly<Record<string, Kind>>): number {
  return Object.values(layout).reduce((size, kind) => size + SIZES[kind], 0);
}

/** Writes records into bytes, one after the other. */
export interface Packer {
  /** Throws when a value is not of the kind that the layout says. */
  pack<Item extends object>(item: Item, layout: Layout<Item>): void;
  /** The texts of the records, once each: the bytes have their indexes. Null stands for undefined, as JSON has it. */
  readonly texts: readonly (string | null)[];
}

/** Writes into these bytes, from the first on. */
export function createPacker(bytes: Buffer): Packer {
  const texts: (string | null)[] = [];
  const places = new Map<string | null, number>();
  let at = 0;

  const write = {
    id(value: string | undefined) {
      if (value === NIL || value !== value?.toLowerCase()) throw new TypeError(`${value} cannot be packed as an id`);
      bytes.set(parse(value ?? NIL), at);
      at += SIZES.id;
    },
    text(value: string | null = null) {
      const place = places.get(value) ?? texts.push(value) - 1;
      if (place === places.size) places.set(value, place);
      write.integer(place);
    },
    number(value: number) {
      at = bytes.writeDoubleLE(value, at);
    },
    integer(value: number) {
      at = bytes.writeUInt32LE(value, at);
    },
    ordinal(value = 0) {
      write.integer(value);
    },
  };
  return {
    texts,
    pack(item, layout) {
      for (const field in layout) write[layout[field] as Kind](item[field] as never);
    },
  };
}

/** Reads a record that a packer has written, from a place among the bytes. */
export type Unpack = <Item extends object>(layout: Layout<Item>, place: number) => Item;

/** Reads from the bytes of a packer, with its texts. */
export function createUnpack(bytes: Buffer, texts: readonly (string | null)[]): Unpack {
  const read: Readonly<Record<Kind, (at: number) => unknown>> = {
    id(at) {
      const id = stringify(bytes, at);
      return id === NIL ? undefined : id;
    },
    text: (at) => texts[bytes.readUInt32LE(at)] ?? undefined,
    number: (at) => bytes.readDoubleLE(at),
    integer: (at) => bytes.readUInt32LE(at),
    ordinal: (at) => bytes.readUInt32LE(at) || undefined,
  };
  return <Item extends object>(layout: Layout<Item>, place: number) => {
    const item: Partial<Item> = {};
    let at = place;
    for (const field in layout) {
      const kind: Kind = layout[field];
      item[field] = read[kind](at) as Item[typeof field];
      at += SIZES[kind];
    }
    return item as Item;
  };
}

// The last bytes: the length of the JSON before them, and a checksum of everything before the checksum.
const FOOTER = 8;

/** Records and a JSON object about them, in one piece. */
export function seal(records: Buffer, about: object): Buffer {
  const json = Buffer.from(JSON.stringify(about));
  const sealed = Buffer.concat([records, json, Buffer.alloc(FOOTER)]);
  const end = sealed.length - 4;
  sealed.writeUInt32LE(json.length, end - 4);
  sealed.writeUInt32LE(crc32(sealed.subarray(0, end)), end);
  return sealed;
}

/** Takes apart what `seal` made. Throws when a byte has changed. */
export function unseal(sealed: Buffer): { readonly records: Buffer; readonly about: unknown } {
  const end = sealed.length - 4;
  if (end < 4 || sealed.readUInt32LE(end) !== crc32(sealed.subarray(0, end))) throw new Error('damaged bytes');
  const json = end - 4 - sealed.readUInt32LE(end - 4);
  return { records: sealed.subarray(0, json), about: JSON.parse(sealed.toString('utf8', json, end - 4)) };
}
