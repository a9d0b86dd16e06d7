import type { Change } from '../application/change-feed.js';
import type { Place } from './place.js';

/** A change in the envelope of CloudEvents 1.0, with its extensions `partitionkey` and `sequence`. */
export interface CloudEvent {
  readonly specversion: '1.0';
  /** The id of the event: the same however often the change is sent. */
  readonly id: string;
  /** Who says so. */
  readonly source: string;
  /** The name of the event with its version: `aceup.scheduler.v1.SessionScheduled`. */
  readonly type: string;
  /** What changed: the id of the session or the hold; for the times that a coach offers, the coach. */
  readonly subject: string;
  /** When the change was decided, RFC 3339. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** The coach. */
  readonly partitionkey: string;
  /** The position, with zeros in front, so that it sorts as text. */
  readonly sequence: string;
  /** The change: the message `Change` in JSON. */
  readonly data: unknown;
}

/** As many digits as the highest position has. */
const DIGITS = 19;

/**
 * Makes the function that puts changes into their envelope, each once, however many sinks send it. `changeJson` gives the
 * message `Change` in JSON.
 */
export function cloudEvents(source: string, changeJson: (change: Change) => { readonly at: string }) {
  const made = new WeakMap<Change, CloudEvent>();

  function envelopeOf(change: Change): CloudEvent {
    const { id, name: type, event, position } = change;
    const data = changeJson(change);
    return {
      specversion: '1.0',
      id,
      source,
      type,
      subject: 'sessionId' in event ? event.sessionId : 'holdId' in event ? event.holdId : event.coachHashId,
      time: data.at,
      datacontenttype: 'application/json',
      partitionkey: event.coachHashId,
      sequence: String(position).padStart(DIGITS, '0'),
      data,
    };
  }

  return (change: Change): CloudEvent => {
    const envelope = made.get(change) ?? envelopeOf(change);
    made.set(change, envelope);
    return envelope;
  };
}

/** The data of a CloudEvent as text, made once. */
export function dataTextOf(event: CloudEvent): string {
  const text = TEXTS.get(event) ?? JSON.stringify(event.data);
  TEXTS.set(event, text);
  return text;
}

const TEXTS = new WeakMap<CloudEvent, string>();

/** What a `CloudEvent` was when it was sent: some attributes, and its data as text. Anything may be missing. */
export interface SentCloudEvent {
  readonly id?: string | undefined;
  readonly partitionkey?: string | undefined;
  readonly sequence?: string | undefined;
  readonly data?: string | undefined;
}

/** The place of the change that an envelope of `cloudEvents` has; undefined when something else made the envelope. */
export function placeInCloudEvent({ id, partitionkey, sequence, data }: SentCloudEvent): Place | undefined {
  if (!id || !partitionkey || !sequence || !data || !SEQUENCE.test(sequence)) return undefined;
  const revision = revisionIn(data);
  return revision === undefined
    ? undefined
    : { id, coachHashId: partitionkey, position: BigInt(sequence), revision: Number(revision) };
}

const SEQUENCE = new RegExp(`^\\d{${DIGITS}}$`);

function revisionIn(data: string): string | undefined {
  try {
    const { revision } = JSON.parse(data) as { revision?: unknown };
    return typeof revision === 'string' && /^\d+$/.test(revision) ? revision : undefined;
  } catch {
    return undefined;
  }
}
