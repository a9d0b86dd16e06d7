import { v5 as uuidv5 } from 'uuid';
import { type Content, emptyList, type SortedList } from '../../domain/sorted-list.js';
import { type Layout, type Packed, packRecords, seal, type Texts, unpackRecords, unseal } from './records.js';

/** A list, or a part of one, of items of any type. */
export type AnyList = SortedList<unknown>;

/** Bytes that never change, under an id that is made from them. */
export interface Segment {
  readonly id: string;
  readonly bytes: Buffer;
}

/** How a list is packed. */
export interface ListFormat<Item = unknown, Key = object> {
  /** How its keys are packed. They say where among the parts of a list an item is. */
  readonly key: Layout<Key>;
  pack(items: readonly Item[]): Packed;
  unpack(packed: Packed): Item[];
}

/** A part as the parts above it name it, with its key. */
interface Reference {
  readonly stored: string;
  readonly size: number;
}

const REFERENCE: Layout<Reference> = { stored: 'id', size: 'integer' };

/** What every segment has as JSON, besides what the format of its list adds. */
interface AboutSegment {
  /** The place of the list among those of its state. */
  readonly list: number;
  /** The texts of references, when the segment has these and no items. */
  readonly references?: Texts;
}

/** Packs the parts of lists that are not stored yet. */
export interface Packing {
  /** The parts that were packed, with the ids of their segments. */
  readonly packed: ReadonlyMap<AnyList, string>;
  /** The ids of all segments that the packing met: those that it made, and the stored ones that these name. */
  readonly met: ReadonlySet<string>;
  /** Packs the parts of a list, each after those below it. */
  segmentsOf(list: AnyList, place: number): Generator<Segment>;
  /** Names the lists, which were packed. */
  manifestOf(lists: readonly AnyList[], rest: unknown): Buffer;
}

interface Manifest {
  /** By the place of each list; null stands for an empty one. */
  readonly lists: readonly ((Reference & { readonly last: object }) | null)[];
  /** The last segments of the lists, which most commands need. */
  readonly recent: readonly string[];
  readonly rest: unknown;
}

/** Begins to pack lists of these formats. */
export function createPacking(formats: readonly ListFormat[]): Packing {
  const packed = new Map<AnyList, string>();
  const met = new Set<string>();

  function* segmentsOf(part: AnyList, place: number): Generator<Segment> {
    if (part.stored !== undefined) met.add(part.stored);
    if (part.stored !== undefined || !part.content || part.size === 0) return;
    const { content } = part;
    if ('parts' in content) for (const below of content.parts) yield* segmentsOf(below, place);
    const bytes = pack(content, place);
    const id = idOf(bytes);
    packed.set(part, id);
    met.add(id);
    yield { id, bytes };
  }

  function pack(content: Content<unknown>, list: number): Buffer {
    const format = formats[list] as ListFormat;
    if ('items' in content) {
      const { records, about } = format.pack(content.items);
      return seal({ records, about: { ...about, list } });
    }
    const references = content.parts.map((part) => ({ ...(part.last as object), ...referenceTo(part) }));
    const { records, texts } = packRecords(references, { ...REFERENCE, ...format.key });
    return seal({ records, about: { references: texts, list } satisfies AboutSegment });
  }

  function referenceTo(part: AnyList): Reference {
    return { stored: part.stored ?? (packed.get(part) as string), size: part.size };
  }

  return {
    packed,
    met,
    segmentsOf,
    manifestOf(lists, rest) {
      const manifest: Manifest = {
        lists: lists.map((list, place) =>
          list.size > 0 ? { ...referenceTo(list), last: keyOf(list, formats[place] as ListFormat) } : null,
        ),
        recent: lists.flatMap(lastParts).map((part) => referenceTo(part).stored),
        rest,
      };
      return seal({ records: Buffer.alloc(0), about: manifest });
    },
  };
}

function keyOf({ last }: AnyList, { key }: ListFormat): object {
  return Object.fromEntries(Object.keys(key).map((field) => [field, (last as Record<string, unknown>)[field]]));
}

/** The list, its last part, the last part of that and so on, as far as they are in memory. */
function lastParts(list: AnyList): AnyList[] {
  const parts: AnyList[] = [];
  for (let part: AnyList | undefined = list; part && part.size > 0; part = lastPart(part)) parts.push(part);
  return parts;
}

function lastPart({ content }: AnyList): AnyList | undefined {
  return content && 'parts' in content ? content.parts.at(-1) : undefined;
}

/** The lists of a manifest, nothing of them in memory, and the rest of it. Throws when the bytes are damaged. */
export function readManifest(bytes: Buffer): Omit<Manifest, 'lists'> & { readonly lists: readonly AnyList[] } {
  const { lists, ...others } = unseal(bytes).about as Manifest;
  return { ...others, lists: lists.map((list) => (list ? { ...list, content: undefined } : emptyList)) };
}

/** The content of the part that was stored under the id. Throws when these are other bytes. */
export function unpackSegment(id: string, bytes: Buffer, formats: readonly ListFormat[]): Content<unknown> {
  if (idOf(bytes) !== id) throw new Error(`the segment ${id} is damaged`);
  const { records, about } = unseal(bytes);
  const { list, references } = about as AboutSegment;
  const format = formats[list] as ListFormat;
  if (!references) return { items: format.unpack({ records, about }) };
  const found = unpackRecords<Reference>({ records, texts: references }, { ...REFERENCE, ...format.key });
  return { parts: found.map(({ stored, size, ...last }) => ({ size, last, content: undefined, stored })) };
}

/**
 * Loads the last part of each list, the last part of that and so on, as far as the segments are at hand. Throws when
 * one is damaged.
 */
export function loadRecent(
  lists: readonly AnyList[],
  segments: ReadonlyMap<string, Buffer>,
  formats: readonly ListFormat[],
): void {
  for (const list of lists) {
    for (let part: AnyList | undefined = list; part?.stored; part = lastPart(part)) {
      const bytes = segments.get(part.stored);
      if (bytes) part.content = unpackSegment(part.stored, bytes, formats);
    }
  }
}

/** The ids of the segments of stored lists that are not among those met. */
export function segmentsNotMet(lists: readonly AnyList[], met: ReadonlySet<string>): string[] {
  return lists.flatMap(({ stored, content }) => {
    if (stored === undefined || met.has(stored)) return [];
    return [stored, ...(content && 'parts' in content ? segmentsNotMet(content.parts, met) : [])];
  });
}

// Any fixed UUID will do: it sets these ids apart from those that other programs make of the same bytes.
const NAMESPACE = '2f6b1f3a-6a54-5b7e-9d35-2c1b7e0c9a41';

function idOf(bytes: Buffer): string {
  return uuidv5(bytes, NAMESPACE);
}
