import { expect, test } from 'vitest';
import { requestKeyOf } from '../../src/event-store/request-key.js';

test('without a subject the key of a request is its id, as in events from before there were subjects', () => {
  expect(requestKeyOf({ requestId: 'try-1', subject: '' })).toBe('try-1');
});

test('the same id of two subjects, or of none, has different keys', () => {
  const keys = ['', 'ann', 'ben', 'ann ben'].map((subject) => requestKeyOf({ requestId: 'try-1', subject }));
  expect(new Set(keys).size).toBe(4);
});

test('without an id there is no key, whoever asks', () => {
  expect(requestKeyOf({ requestId: '', subject: 'ann' })).toBe('');
});
