import { expect, test } from 'vitest';
import { clientUrl } from '../../src/event-store/kurrentdb/client-url.js';

test.each([
  ['one node', 'esdb://a:2113?tls=false', 'esdb://a:2113?tls=false'],
  ['one node, by a newer scheme', 'kurrentdb://a', 'esdb://a'],
  ['one node, by the shortest scheme', 'kdb://a', 'esdb://a'],
  ['a name with all addresses', 'kurrentdb+discover://cluster.example:2113', 'esdb+discover://cluster.example:2113'],
  ['a cluster', 'esdb+discover://u:p@a:1,b:2,c:3?tls=true', 'esdb://u:p@a:1,b:2,c:3?tls=true'],
  ['a cluster, without discovery', 'kdb://a,b,c', 'esdb://a,b,c'],
  ['a comma in a password', 'esdb+discover://u:p,q@a', 'esdb+discover://u:p,q@a'],
  ['a comma in an option', 'esdb+discover://a?connectionName=x,y', 'esdb+discover://a?connectionName=x,y'],
])('the client gets a URL that works: %s', (_, url, expected) => {
  expect(clientUrl(url)).toBe(expected);
});
