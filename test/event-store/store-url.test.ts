import { describe, expect, test } from 'vitest';
import { checkKurrentdbUrl, hostsOf, KurrentdbUrlError, storeKindOf } from '../../src/event-store/store-url.js';

test.each([
  ['postgres://localhost/db', 'postgres'],
  ['postgresql://localhost/db', 'postgres'],
  ['esdb://localhost:2113', 'kurrentdb'],
  ['esdb+discover://a,b,c', 'kurrentdb'],
  ['kurrentdb://a', 'kurrentdb'],
  ['kurrentdb+discover://a,b,c', 'kurrentdb'],
  ['kdb://a', 'kurrentdb'],
  ['kdb+discover://a', 'kurrentdb'],
  ['kdb:/a', undefined],
  ['xkdb://a', undefined],
  ['kdb+discovery://a', undefined],
  ['mysql://localhost', undefined],
  ['xpostgres:/localhost', undefined],
  ['1+postgres://localhost', undefined],
  ['POSTGRES://localhost', undefined],
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
  ['esdb://a?tlsCAFile=/some@where', 'a'],
  ['esdb://a#b', 'a'],
  ['localhost', ''],
])('the hosts of %s are shown without credentials', (url, hosts) => {
  expect(hostsOf(url)).toBe(hosts);
});

describe('a KurrentDB URL', () => {
  test.each([
    'esdb://localhost',
    'esdb://localhost:2113',
    'esdb://localhost:2113/',
    'esdb://localhost:2113?tls=false',
    'esdb://localhost:2113/?tls=false&keepAliveInterval=1000',
    'esdb://user:secret@localhost:2113',
    'esdb+discover://a,b,c',
    'kurrentdb://localhost:2113',
    'kurrentdb+discover://a,b,c',
    'kdb://user:secret@a,b',
    'kdb+discover://a',
    'esdb+discover://user:secret@a:2111,b:2112,c:2113?tls=true',
    'esdb://a?TLSCAFILE=/ca.pem&userCertFile=/c.pem&userKeyFile=/k.pem&connectionName=x',
    'esdb://a?nodePreference=leader&maxDiscoverAttempts=3&discoveryInterval=100&gossipTimeout=3',
    'esdb://a?',
    'esdb://a?tls=false&',
  ])('%s can be used', (url) => {
    expect(() => checkKurrentdbUrl(url)).not.toThrow();
  });

  test.each([
    'localhost:2113',
    'http://localhost:2113',
    'xesdb://localhost',
    'esdb:localhost',
    'esdb+discovery://a',
    'kurrent://a',
    'esdb://',
    'esdb://?tls=false',
    'esdb://:2113',
    'esdb://a:',
    'esdb://a:port',
    'esdb://a:2113x',
    'esdb://a,',
    'esdb://a,,b',
    'esdb://a/b',
    'esdb://user@a',
    'esdb://user:@a',
    'esdb://:secret@a',
  ])('%s cannot be used', (url) => {
    expect(() => checkKurrentdbUrl(url)).toThrow(
      new KurrentdbUrlError(
        'the KurrentDB URL must look like esdb://localhost:2113?tls=false or esdb://user:password@node1:2113,node2:2113',
      ),
    );
  });

  test.each([
    ['esdb://a?colour=blue', ': colour'],
    ['esdb://a?tls=false&throwOnAppendFailure=false', ': throwOnAppendFailure'],
    ['esdb://a?tls=', ': tls'],
    ['esdb://a?tls', ': tls'],
    ['esdb://a?=false', ''],
  ])('%s has an option that cannot be used', (url, option) => {
    expect(() => checkKurrentdbUrl(url)).toThrow(
      new KurrentdbUrlError(`the KurrentDB URL has an option that cannot be used${option}`),
    );
  });
});
