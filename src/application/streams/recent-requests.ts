import { type Position, type Revision, START } from '../../event-store/event-store.js';

/** A command accepted under a `request_id`. */
export interface RecentRequest {
  readonly fingerprint: string;
  /** Its first event, in the stream of the coach. */
  readonly revision: Revision;
}

/**
 * The last commands that a coach accepted under a `request_id`. Bounded, so that a coach's state does not grow with
 * every id it ever saw; what is forgotten is found in the request index.
 */
export class RecentRequests {
  readonly #limit: number;
  readonly #byId = new Map<string, RecentRequest & { readonly position: Position }>();
  #forgottenUpTo = START;

  constructor(limit = 256) {
    this.#limit = limit;
  }

  /** Those of a coach of whom nothing is remembered up to a position. */
  static after(position: Position): RecentRequests {
    const requests = new RecentRequests();
    requests.#forgottenUpTo = position;
    return requests;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Every forgotten command is at or before this position; `START` while none is forgotten. */
  get forgottenUpTo(): Position {
    return this.#forgottenUpTo;
  }

  find(requestId: string): RecentRequest | undefined {
    return this.#byId.get(requestId);
  }

  /** Notes a command by its first event; its further events change nothing. */
  add(requestId: string, request: RecentRequest, position: Position): void {
    if (this.#byId.has(requestId)) return;
    this.#byId.set(requestId, { ...request, position });
    if (this.#byId.size <= this.#limit) return;

    const [oldest] = this.#byId;
    if (!oldest) return;
    this.#byId.delete(oldest[0]);
    this.#forgottenUpTo = oldest[1].position;
  }
}
