import { describe, expect, test } from 'vitest';
import { prepareAppend } from '../../src/event-store/kurrentdb/append.js';
import { AccessRefused, NoAnswer, TimedOut } from '../../src/event-store/kurrentdb/client-port.js';
import { anEvent } from '../support/event-store-samples.js';

describe('an append to KurrentDB', () => {
  test('has the content of its events as JSON in UTF-8, and its size in bytes', () => {
    const sent = [anEvent({ text: 'ü' }, { by: 'a' }), anEvent({}, {})];
    const { events, size } = prepareAppend('s', 3n, sent);
    expect(events.map(({ data, metadata }) => `${data} ${metadata}`)).toEqual(['{"text":"ü"} {"by":"a"}', '{} {}']);
    expect(size).toBe(13 + 10 + 2 + 2);
  });

  const { id } = anEvent();
  test.each([
    ['an id in upper case', { id: id.toUpperCase() }, `the event id ${id.toUpperCase()} is not a UUID in lower case`],
    ['an id that begins with more', { id: `x${id}` }, `the event id x${id} is not a UUID in lower case`],
    ['an id that ends with more', { id: `${id}0` }, `the event id ${id}0 is not a UUID in lower case`],
    ['no type', { id, type: '' }, `the event ${id} has no type`],
  ])('is refused for %s, and says why', (_, wrong, message) => {
    expect(() => prepareAppend('s', 'any', [anEvent(), { ...anEvent(), ...wrong }])).toThrow(new RangeError(message));
  });

  test('is refused without events or a stream', () => {
    expect(() => prepareAppend('s', 'any', [])).toThrow(new RangeError('an append needs at least one event'));
    expect(() => prepareAppend('', 'any', [anEvent()])).toThrow(new RangeError('a stream needs a name'));
  });
});

test('errors of KurrentDB have names', () => {
  expect([new NoAnswer(), new AccessRefused(), new TimedOut()].map(({ name }) => name)).toEqual([
    'NoAnswer',
    'AccessRefused',
    'TimedOut',
  ]);
});
