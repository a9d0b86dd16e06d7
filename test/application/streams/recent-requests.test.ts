import { expect, test } from 'vitest';
import { RecentRequests } from '../../../src/application/streams/recent-requests.js';
import { START } from '../../../src/event-store/event-store.js';

const request = (revision: bigint) => ({ fingerprint: `content-${revision}`, revision });

test('a request is found by its id', () => {
  const recent = new RecentRequests();
  recent.add('a', request(0n), 10n);
  expect(recent.find('a')).toMatchObject(request(0n));
  expect(recent.find('b')).toBeUndefined();
});

test('the first event of a command stands for it', () => {
  const recent = new RecentRequests();
  recent.add('a', request(0n), 10n);
  recent.add('a', request(1n), 11n);
  expect(recent.find('a')).toMatchObject(request(0n));
});

test('only the last are kept, and it is known up to where requests are forgotten', () => {
  const recent = new RecentRequests(2);
  expect(recent.forgottenUpTo).toBe(START);
  recent.add('a', request(0n), 10n);
  recent.add('b', request(1n), 20n);
  recent.add('c', request(2n), 30n);

  expect(recent.find('a')).toBeUndefined();
  expect(recent.find('b')).toBeDefined();
  expect(recent.size).toBe(2);
  expect(recent.forgottenUpTo).toBe(10n);
});
