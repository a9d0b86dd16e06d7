import { expect, test } from 'vitest';
import type { Change, ChangeEvent } from '../../src/application/change-feed.js';
import { cloudEvents, dataTextOf, placeInCloudEvent } from '../../src/feeds/cloud-event.js';
import { held, scheduled } from '../support/coach-samples.js';
import { availabilitySet, everyDay } from '../support/offering-samples.js';

const AT = '2030-01-01T00:00:00Z';

function changeOf(event: ChangeEvent): Change {
  const metadata = {} as Change['metadata'];
  return { id: 'an-event', name: 'test.v1.Happened', position: 42n, revision: 7, event, metadata };
}

const envelope = cloudEvents('urn:test', ({ revision }) => ({ at: AT, revision: String(revision) }));

test('a change is in an envelope of CloudEvents 1.0', () => {
  expect(envelope(changeOf(scheduled('09:00')))).toEqual({
    specversion: '1.0',
    id: 'an-event',
    source: 'urn:test',
    type: 'test.v1.Happened',
    subject: 'session-at-09:00',
    time: AT,
    datacontenttype: 'application/json',
    partitionkey: 'carol',
    sequence: '0000000000000000042',
    data: { at: AT, revision: '7' },
  });
});

test.each([
  ['a session', scheduled('09:00'), 'session-at-09:00'],
  ['a hold', held('09:00'), 'session-at-09:00'],
  ['what a coach offers', availabilitySet(everyDay('09:00-17:00')), 'carol'],
])('its subject is %s', (_, event, subject) => {
  expect(envelope(changeOf(event)).subject).toBe(subject);
});

test('positions sort as text', () => {
  const sequences = [9n, 10n, 9_223_372_036_854_775_807n].map(
    (position) => envelope({ ...changeOf(scheduled('09:00')), position }).sequence,
  );
  expect(sequences.toSorted()).toEqual(sequences);
});

const sent = { id: 'an-event', partitionkey: 'carol', sequence: '0000000000000000042', data: '{"revision":"7"}' };

test('a sent envelope has the place of its change', () => {
  const sentEvent = envelope(changeOf(scheduled('09:00')));
  const place = placeInCloudEvent({ ...sentEvent, data: dataTextOf(sentEvent) });
  expect(place).toEqual({ id: 'an-event', coachHashId: 'carol', position: 42n, revision: 7 });
});

test.each([
  ['no id', { id: undefined }],
  ['no coach', { partitionkey: undefined }],
  ['no position', { sequence: undefined }],
  ['a position of another form', { sequence: '42' }],
  ['no data', { data: undefined }],
  ['data that are no JSON', { data: 'revision' }],
  ['data without a revision', { data: '{}' }],
  ['another revision', { data: '{"revision":7}' }],
  ['null for its data', { data: 'null' }],
])('an envelope that has %s is somebody else’s', (_, other) => {
  expect(placeInCloudEvent({ ...sent, ...other })).toBeUndefined();
});
