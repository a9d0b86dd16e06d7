/** The kinds of event store that a URL can name. */
export type StoreKind = 'postgres' | 'kurrentdb';

/**
 * The kind of event store that a URL names, by its scheme; undefined when it names none. The rest of the URL may be
 * wrong.
 */
export function storeKindOf(url: string): StoreKind | undefined {
  switch (/^([a-z+]+):\/\//.exec(url)?.[1]) {
    case 'postgres':
    case 'postgresql':
      return 'postgres';
    case 'esdb':
    case 'esdb+discover':
      return 'kurrentdb';
    default:
      return undefined;
  }
}

/** The host or hosts in an event store's URL, without credentials. */
export function hostsOf(url: string): string {
  return /^[a-z+]+:\/\/(?:[^/?#]*@)?([^/?#]*)/.exec(url)?.[1] ?? '';
}
