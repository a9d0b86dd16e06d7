import { CHANGES, type ChangeEvent } from '../../application/change-feed.js';
import type { Broken } from './fields.js';

/** The most characters of an unknown name that the caller gets back. */
const SHOWN = 40;

/** Types of changes, several in a text with commas between them. Reports the first that is unknown. */
export function changeTypes(field: string, texts: readonly string[]): Broken {
  for (const [index, text] of texts.entries()) {
    const unknown = text.split(',').find((name) => !Object.hasOwn(CHANGES, name));
    if (unknown === undefined) continue;
    const got = JSON.stringify(unknown.slice(0, SHOWN));
    return {
      field: `${field}[${index}]`,
      description: `must be one of ${Object.keys(CHANGES).join(', ')}; got ${got}`,
    };
  }
  return undefined;
}

/** The types that texts name which `changeTypes` takes. */
export function typesGiven(texts: readonly string[]): ReadonlySet<ChangeEvent['type']> {
  return new Set(texts.flatMap((text) => text.split(',')) as ChangeEvent['type'][]);
}
