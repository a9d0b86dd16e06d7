import { type Position, type Revision, START } from '../../event-store/event-store.js';

/** A command that was accepted under a `request_id`. */
export interface RecentRequest {
  /** Digest of the command's content. */
  readonly fingerprint: string;
  /** The first event of the command, in the aggregate's stream. */
  readonly revision: Revision;
}

/**
 * The last commands that an aggregate accepted under a `request_id`, by the keys of `requestKeyOf`. Bounded, so that its
 * memory does not grow with every id; what is forgotten is in the request index.
 */
export class RecentRequests {
  readonly #limit: number;
  readonly #byKey = new Map<string, RecentRequest & { readonly position: Position }>();
  #forgottenUpTo = START;

  constructor(limit = 256) {
    this.#limit = limit;
  }

  /** Those of an aggregate whose requests up to a position are not remembered. */
  static after(position: Position): RecentRequests {
    const requests = new RecentRequests();
    requests.#forgottenUpTo = position;
    return requests;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Every forgotten command is at or before this position; `START` while none is forgotten. */
  get forgottenUpTo(): Position {
    return this.#forgottenUpTo;
  }

  find(key: string): RecentRequest | undefined {
    return this.#byKey.get(key);
  }

  /** Notes a command by its first event. Its further events change nothing. */
  add(key: string, request: RecentRequest, position: Position): void {
    if (this.#byKey.has(key)) return;
    this.#byKey.set(key, { ...request, position });
    if (this.#byKey.size <= this.#limit) return;

    const [oldest] = this.#byKey;
    if (!oldest) return;
    this.#byKey.delete(oldest[0]);
    this.#forgottenUpTo = oldest[1].position;
  }
}
