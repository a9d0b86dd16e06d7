import { expect, test } from 'vitest';
import { hostsOf, storeKindOf } from '../../src/event-store/store-url.js';

test.each([
  ['postgres://localhost/db', 'postgres'],
  ['postgresql://localhost/db', 'postgres'],
  ['esdb://localhost:2113', 'kurrentdb'],
  ['esdb+discover://a,b,c', 'kurrentdb'],
  ['mysql://localhost', undefined],
  ['localhost:2113', undefined],
  ['', undefined],
])('%s names a store of the kind %s', (url, kind) => {
  expect(storeKindOf(url)).toBe(kind);
});

test.each([
  ['postgres://localhost/db', 'localhost'],
  ['postgres://user:secret@localhost:5433/db?sslmode=require', 'localhost:5433'],
  ['esdb+discover://user:secret@a:2111,b:2112?tls=true', 'a:2111,b:2112'],
  ['esdb://user:sec@ret@a', 'a'],
])('the hosts of %s are shown without credentials', (url, hosts) => {
  expect(hostsOf(url)).toBe(hosts);
});
