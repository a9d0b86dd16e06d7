import { expect, test } from 'vitest';
import { differingStreams, digestEvent, emptyDigest, type LogDigest } from '../../src/copy-events/log-digest.js';
import type { RecordedEvent } from '../../src/event-store/event-store.js';

const event: RecordedEvent = {
  stream: 'a',
  revision: 0n,
  position: 1n,
  id: '00000000-0000-4000-8000-000000000001',
  type: 'test.v1.Happened',
  data: { x: 1, y: { b: [1, 2], a: null } },
  metadata: { actor: 'ann' },
  recordedAt: 0,
};

function digestOf(...events: Partial<RecordedEvent>[]): LogDigest {
  const digest = emptyDigest();
  for (const changes of events) digestEvent(digest, { ...event, ...changes });
  return digest;
}

test.each<[string, Partial<RecordedEvent>]>([
  ['another order of members', { data: { y: { a: null, b: [1, 2] }, x: 1 } }],
  ['another position', { position: 7n }],
  ['another time of recording', { recordedAt: 1 }],
])('%s is no difference', (_, changes) => {
  expect(differingStreams(digestOf({}), digestOf(changes))).toEqual([]);
});

test.each<[string, Partial<RecordedEvent>]>([
  ['id', { id: '00000000-0000-4000-8000-000000000002' }],
  ['type', { type: 'test.v2.Happened' }],
  ['revision', { revision: 1n }],
  ['data', { data: { x: 1, y: { b: [2, 1], a: null } } }],
  ['metadata', { metadata: {} }],
])('another %s is a difference', (_, changes) => {
  expect(differingStreams(digestOf({}), digestOf(changes))).toEqual(['a']);
});

test('a stream that only one of the logs has differs', () => {
  expect(differingStreams(digestOf({}, { stream: 'b' }), digestOf({}))).toEqual(['b']);
  expect(differingStreams(digestOf({}), digestOf({}, { stream: 'b' }))).toEqual(['b']);
});

test('the same streams in another order have equal digests, but their logs do not', () => {
  const [one, other] = [digestOf({}, { stream: 'b' }), digestOf({ stream: 'b' }, {})];
  expect(differingStreams(one, other)).toEqual([]);
  expect(one.whole.equals(other.whole)).toBe(false);
});
