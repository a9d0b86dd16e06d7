import { Correctable } from '../correctable.js';

/** The kinds of event store that a URL can name. */
export type StoreKind = 'postgres' | 'kurrentdb';

/** The schemes that name a KurrentDB. `+discover` says that there is a cluster, and changes nothing else. */
const KURRENTDB = /^(?:esdb|kurrentdb|kdb)(?:\+discover)?:\/\//;

/** The URLs that name an event store, for people. */
export const STORE_URLS = 'a postgres:// URL, or for KurrentDB an esdb://, kurrentdb:// or kdb:// URL';

/**
 * The kind of event store that a URL names, by its scheme; undefined when it names none. The rest of the URL may be
 * wrong.
 */
export function storeKindOf(url: string): StoreKind | undefined {
  switch (/^([a-z+]+):\/\//.exec(url)?.[1]) {
    case 'postgres':
    case 'postgresql':
      return 'postgres';
    default:
      return KURRENTDB.test(url) ? 'kurrentdb' : undefined;
  }
}

/** The host or hosts in an event store's URL, without credentials. */
export function hostsOf(url: string): string {
  return /^[a-z+]+:\/\/(?:[^/?#]*@)?([^/?#]*)/.exec(url)?.[1] ?? '';
}

/** A KurrentDB URL that cannot be used. The message leaves the URL out: it may hold a password. */
export class KurrentdbUrlError extends Correctable {
  override readonly name = 'KurrentdbUrlError';
}

const SHAPE =
  /^(?:esdb|kurrentdb|kdb)(?:\+discover)?:\/\/(?:[^:@/?]+:[^:@/?]+@)?[^:@/?,]+(?::\d+)?(?:,[^:@/?,]+(?::\d+)?)*\/?(?:\?(.*))?$/;

/** The options that a URL may have, in lower case. The event store itself sets the client's other options. */
const OPTIONS = new Set([
  'tls',
  'tlscafile',
  'usercertfile',
  'userkeyfile',
  'connectionname',
  'nodepreference',
  'maxdiscoverattempts',
  'discoveryinterval',
  'gossiptimeout',
  'keepaliveinterval',
]);

/** Checks the shape of the URL. Throws `KurrentdbUrlError`. */
export function checkKurrentdbUrl(url: string): void {
  const match = SHAPE.exec(url);
  if (!match) {
    throw new KurrentdbUrlError(
      'the KurrentDB URL must look like esdb://localhost:2113?tls=false or esdb://user:password@node1:2113,node2:2113',
    );
  }
  for (const option of (match[1] ?? '').split('&').filter(Boolean)) {
    const [name = '', value] = option.split('=');
    if (!OPTIONS.has(name.toLowerCase()) || !value) {
      // What is no name may be the rest of a password.
      const which = /^[a-z]+$/i.test(name) ? `: ${name}` : '';
      throw new KurrentdbUrlError(`the KurrentDB URL has an option that cannot be used${which}`);
    }
  }
}
