import type { Change } from '../../application/change-feed.js';
import type { CloudEvent } from '../cloud-event.js';
import { signatureHeaders } from './signature.js';

/** An event as it is posted: in the structured mode of CloudEvents, signed as Standard Webhooks has it. */
export function requestOf(id: string, body: string, at: number, secrets: readonly string[]) {
  const headers = {
    'content-type': 'application/cloudevents+json; charset=utf-8',
    'user-agent': 'session-scheduler',
    ...signatureHeaders(id, at, body, secrets),
  };
  return { headers, body };
}

/** Makes the function that gives the body for a change: made once, however many webhooks are told. */
export function bodies(eventOf: (change: Change) => CloudEvent): (change: Change) => string {
  const made = new WeakMap<Change, string>();
  return (change) => {
    const body = made.get(change) ?? JSON.stringify(eventOf(change));
    made.set(change, body);
    return body;
  };
}
