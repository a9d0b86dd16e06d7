import type { Faults } from './faults.js';
import type { CoachEvent, Entry } from './stored-events.js';

/** A command of a coach that was accepted under a `request_id`. */
export interface Request {
  readonly id: string;
  /** The verified subject whose id it is. Empty: callers were not authenticated. */
  readonly subject: string;
  readonly fingerprint: string;
  /** Of its first event. */
  readonly revision: number;
  /** Of its last event so far. */
  last: number;
  /** How often something was done under the id. More than once is a fault. */
  effects: number;
}

/**
 * Notes the `request_id` of an event of a coach. All events of one command are side by side in the stream, and only one
 * of them is what the command asked for: the others follow from it. The same id of two subjects is two requests.
 * @param isEffect whether the event is what a command asked for
 */
export function noteRequest(
  requests: Map<string, Request>,
  { metadata, position, stream, revision }: Entry<CoachEvent>,
  isEffect: boolean,
  faults: Faults,
): void {
  const { requestId: id, requestFingerprint: fingerprint, subject } = metadata;
  if (id === '') return;
  const key = keyOf({ id, subject });
  const before = requests.get(key);
  if (!before) {
    requests.set(key, { id, subject, fingerprint, revision, last: revision, effects: Number(isEffect) });
    return;
  }
  const goesOn = before.last === revision - 1 && before.fingerprint === fingerprint;
  if (!goesOn || (isEffect && before.effects > 0)) {
    const what = `request ${key} has a second effect; the first is at revision ${before.revision}`;
    faults.add({ position, stream, revision, what });
  }
  before.last = revision;
  before.effects += Number(isEffect);
}

/** The id, which has no spaces, and the subject if there is one: no two requests of a coach have the same key. */
export function keyOf({ id, subject }: Pick<Request, 'id' | 'subject'>): string {
  return subject === '' ? id : [id, subject].join(' ');
}
