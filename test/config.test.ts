import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isLoopback } from '../src/address-ranges.js';
import { ConfigError, readConfig } from '../src/config/config.js';
import { VARIABLES } from '../src/config/variables.js';

function mistakesIn(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  return [];
}

test('without any variable the service serves this machine only', () => {
  expect(readConfig({})).toMatchObject({ HOST: '127.0.0.1', PORT: 3000, GRPC_PORT: 50051, DATA_DIR: '.data' });
});

test('an empty variable counts as absent', () => {
  expect(readConfig({ PORT: '', EVENT_STORE_URL: '' })).toEqual(readConfig({}));
});

test('offsets of reminders are minutes, the longest first; without the setting there are none', () => {
  expect(readConfig({ REMINDER_OFFSETS: '1h, 30d,24h,1m' }).REMINDER_OFFSETS).toEqual([43_200, 1_440, 60, 1]);
  expect(readConfig({}).REMINDER_OFFSETS).toEqual([]);
});

test.each([
  ['PORT', 'http', 'PORT must be a whole number; got http'],
  ['PORT', '65536', 'PORT must be 0 to 65535; got 65536'],
  ['GRPC_PORT', '-1', 'GRPC_PORT must be a whole number; got -1'],
  [
    'EVENT_STORE_URL',
    'mysql://db',
    'EVENT_STORE_URL must be a postgres:// URL, or for KurrentDB an esdb://, kurrentdb:// or kdb:// URL',
  ],

  ['READ_MODEL_URL', 'esdb://db', 'READ_MODEL_URL must be a postgres:// URL'],
  ['READ_MODEL_URL', 'db', 'READ_MODEL_URL must be a postgres:// URL'],
  ['ALLOW_UNAUTHENTICATED', 'yes', 'ALLOW_UNAUTHENTICATED must be true or false; got yes'],
  ['CORS_ORIGINS', 'example.com', /^CORS_ORIGINS must be origins such as/],
  ['CORS_ORIGINS', 'https://example.com/path', /^CORS_ORIGINS must be origins such as/],
  [
    'ALLOWED_HOSTS',
    'https://example.com',
    /^ALLOWED_HOSTS must be names such as scheduler\.example\.com, without ports/,
  ],
  ['ALLOWED_HOSTS', 'example.com:3000', /^ALLOWED_HOSTS must be names/],
  ['ALLOWED_HOSTS', 'a.example.com,', /^ALLOWED_HOSTS must be names/],
  ['ALLOWED_HOSTS', '*.example.com', /^ALLOWED_HOSTS must be names/],
  [
    'AUTH_JWKS',
    'http://issuer.example.com/jwks',
    /^AUTH_JWKS must be an https:\/\/ URL, http:\/\/ only on this machine/,
  ],
  ['AUTH_JWKS', 'http://127.0.0.1.example.com/jwks', /^AUTH_JWKS must be an https:\/\/ URL/],
  ['AUTH_JWKS', 'file:///jwks.json', /^AUTH_JWKS must be an https:\/\/ URL/],
  ['AUTH_JWKS', 'https://', /^AUTH_JWKS must be an https:\/\/ URL/],
  ['AUTH_JWKS', 'https://me:secret@issuer.example.com/jwks', /^AUTH_JWKS must be(?!.*secret)/],
  ['AUTH_ISSUER', 'two words', /^AUTH_ISSUER must be 1 to 1024 printable ASCII characters without spaces/],
  ['AUTH_ROLES_CLAIM', 'realm_access.', /^AUTH_ROLES_CLAIM must be the name of a claim, such as roles/],
  ['AUTH_COACH_CLAIM', '.coach', /^AUTH_COACH_CLAIM must be the name of a claim/],
  ['AUTH_CLIENT_CLAIM', 'a b', /^AUTH_CLIENT_CLAIM must be the name of a claim/],
  ['TLS_KEY_FILE', '/key.pem', /^TLS_KEY_FILE is set and TLS_CERT_FILE is not: /],
  ['TLS_CERT_FILE', '/cert.pem', /^TLS_CERT_FILE is set and TLS_KEY_FILE is not: /],
  ['TLS_CLIENT_CA_FILE', '/ca.pem', /^TLS_CLIENT_CA_FILE asks callers for certificates, which needs TLS\. /],
  [
    'SINK_KAFKA_TLS_CA_FILE',
    '/ca.pem',
    /^SINK_KAFKA_TLS_CA_FILE is set and SINK_KAFKA_TLS is not: .* not be encrypted\. /,
  ],
  ['TRUST_PROXY', '10.0.0.0/33', /^TRUST_PROXY must be ranges or addresses such as 10\.0\.0\.0\/8/],
  ['TRUST_PROXY', '2001:db8::/129', /^TRUST_PROXY must be ranges/],
  ['TRUST_PROXY', '::ffff:10.0.0.1', /^TRUST_PROXY must be ranges/],
  ['TRUST_PROXY', 'proxy.example.com', /^TRUST_PROXY must be ranges/],
  ['TRUST_PROXY', '10.0.0.1,', /^TRUST_PROXY must be ranges/],
  [
    'TRUST_PROXY',
    '0.0.0.0',
    'TRUST_PROXY must be ranges or addresses such as 10.0.0.0/8 or 2001:db8::1, comma-separated, or loopback; got 0.0.0.0',
  ],
  ['TRUST_PROXY', '::', /^TRUST_PROXY must be ranges/],
  ['TRUST_PROXY', 'true', /^TRUST_PROXY must be ranges/],
  ['TRUST_PROXY', '10.0.0.1, 0.0.0.0/0', /^TRUST_PROXY=0\.0\.0\.0\/0 trusts everybody .* nobody can be limited\. Name/],
  ['TRUST_PROXY', '::/0', /^TRUST_PROXY=::\/0 trusts everybody/],
  ['RATE_LIMIT_READS', '0', 'RATE_LIMIT_READS must be 1 to 1000000000; got 0'],
  ['RATE_LIMIT_STREAMS', 'many', 'RATE_LIMIT_STREAMS must be a whole number; got many'],
  ['RATE_LIMIT_REDIS_URL', 'localhost:6379', /^RATE_LIMIT_REDIS_URL must be a redis:\/\/ or rediss:\/\/ URL/],
  ['RATE_LIMIT_REDIS_URL', 'redis://db/users', /^RATE_LIMIT_REDIS_URL must be a redis:/],
  ['FEED_SOURCE', 'urn: mine', /^FEED_SOURCE must be 1 to 1024 printable ASCII characters without spaces/],
  ['SINK_REDIS_URL', 'localhost:6379', /^SINK_REDIS_URL must be a redis:\/\/ or rediss:\/\/ URL/],
  ['SINK_REDIS_MAX_LENGTH', '0', 'SINK_REDIS_MAX_LENGTH must be 1 to 1000000000; got 0'],
  ['SINK_REDIS_MAX_AGE', '7', 'SINK_REDIS_MAX_AGE must be a duration such as 90s, 30m, 12h or 7d; got 7'],
  [
    'SINK_KAFKA_BROKERS',
    'kafka-1',
    /^SINK_KAFKA_BROKERS must be brokers such as kafka-1\.example\.com:9092, comma-sep/,
  ],
  ['SINK_KAFKA_BROKERS', 'kafka://kafka-1:9092', /^SINK_KAFKA_BROKERS must be brokers/],
  ['SINK_KAFKA_TOPIC', '..', /^SINK_KAFKA_TOPIC must be 1 to 249 letters/],
  ['SINK_KAFKA_REPLICAS', '0', 'SINK_KAFKA_REPLICAS must be 1 to 100; got 0'],
  ['REQUEST_TIMEOUT_MS', '0', 'REQUEST_TIMEOUT_MS must be 1 to 600000; got 0'],
  [
    'REMINDER_OFFSETS',
    '24',
    'REMINDER_OFFSETS must be times such as 24h, 1h, comma-separated: each 1m to 30d, in whole minutes (m), hours (h) ' +
      'or days (d); got 24',
  ],
  ['REMINDER_OFFSETS', '0m', /^REMINDER_OFFSETS must be times such as/],
  ['REMINDER_OFFSETS', '43201m', /^REMINDER_OFFSETS must be times such as/],
  ['REMINDER_OFFSETS', '1.5h', /^REMINDER_OFFSETS must be times such as/],
  ['REMINDER_OFFSETS', '24h,', /^REMINDER_OFFSETS must be times such as/],
  ['REMINDER_OFFSETS', '1m,2m,3m,4m,5m,6m,7m,8m,9m,10m,11m', /^REMINDER_OFFSETS must be at most 10 times; got/],
  ['REMINDER_OFFSETS', '24h,1h,1d', 'REMINDER_OFFSETS must not have the same time twice; got 24h,1h,1d'],
  ['LOG_LEVEL', 'loud', /^LOG_LEVEL must be trace.*; got loud$/],
  ['HOST', 'localhost:3000', 'HOST must be an IP address or a name, without a port'],
  ['HOST', '[::1]', 'HOST must be an IP address or a name, without a port'],
  ['HOST', ' ', /^HOST must be an IP address/],
])('%s=%s is refused', (name, value, mistake) => {
  expect(mistakesIn({ [name]: value })).toEqual([
    typeof mistake === 'string' ? mistake : expect.stringMatching(mistake),
  ]);
});

test.each([
  'postgres://db/events',
  'postgresql://db',
  'esdb://db:2113?tls=false',
  'esdb+discover://u:p@a:2113,b:2113',
  'kurrentdb://a',
  'kdb+discover://a',
])('EVENT_STORE_URL=%s is taken', (url) => {
  expect(readConfig({ EVENT_STORE_URL: url }).EVENT_STORE_URL).toBe(url);
});

describe('keys, issuer and audience of tokens', () => {
  const complete = { AUTH_JWKS: 'jwks.json', AUTH_ISSUER: 'https://issuer.example.com', AUTH_AUDIENCE: 'scheduler' };

  test.each([
    ['AUTH_JWKS', /^AUTH_ISSUER is set and AUTH_JWKS is not: without keys no token can be verified\. Set it to /],
    ['AUTH_ISSUER', /^AUTH_JWKS is set and AUTH_ISSUER is not: tokens of any issuer would be accepted\. Set it to /],
    ['AUTH_AUDIENCE', /^AUTH_JWKS is set and AUTH_AUDIENCE is not: tokens that the issuer makes for other services /],
  ])('are not taken without %s', (missing, mistake) => {
    expect(mistakesIn({ ...complete, [missing]: '' })).toEqual([expect.stringMatching(mistake)]);
  });

  test.each([
    'https://issuer.example.com/jwks',
    'https://issuer.example.com/jwks?tenant=1',
    'http://localhost:8080/jwks',
    'http://127.0.0.1:8080/jwks',
    'http://[::1]:8080/jwks',
    '/etc/scheduler/jwks.json',
    'jwks.json',
  ])('are taken together: AUTH_JWKS=%s', (AUTH_JWKS) => {
    expect(readConfig({ ...complete, AUTH_JWKS })).toMatchObject({
      AUTH_JWKS,
      AUTH_ROLES_CLAIM: 'roles',
      AUTH_COACH_CLAIM: 'coach_hash_id',
      AUTH_CLIENT_CLAIM: 'client_hash_id',
    });
  });

  test.each(['realm_access.roles', 'https://example.com./roles', 'urn:scheduler:roles', 'cognito:groups'])(
    'may have any name of a claim: %s',
    (AUTH_ROLES_CLAIM) => {
      expect(readConfig({ ...complete, AUTH_ROLES_CLAIM }).AUTH_ROLES_CLAIM).toBe(AUTH_ROLES_CLAIM);
    },
  );
});

test('with TLS, proxies that are everybody are refused for callers that need none', () => {
  const env = { TRUST_PROXY: '0.0.0.0/0', TLS_CERT_FILE: '/cert.pem', TLS_KEY_FILE: '/key.pem' };
  expect(mistakesIn(env)).toEqual([
    expect.stringMatching(/^TRUST_PROXY=0\.0\.0\.0\/0 .* TLS_CERT_FILE callers need no/),
  ]);
});

test('TRUST_PROXY has ranges, addresses, and loopback', () => {
  const ranges = ['loopback', '10.0.0.0/8', '192.0.2.1', '2001:db8::/32', '2001:db8::1'];
  expect(readConfig({ TRUST_PROXY: ranges.join(', ') }).TRUST_PROXY).toEqual(ranges);
});

test('unless it is said, calls have no limit, and failed authentications and streams do', () => {
  const limits = Object.entries(readConfig({})).filter(([name]) => name.startsWith('RATE_LIMIT_'));
  expect(Object.fromEntries(limits)).toEqual({ RATE_LIMIT_FAILED_AUTH: 100, RATE_LIMIT_STREAMS: 100 });
});

test.each(['redis://localhost', 'redis://:s3cr%2Ft@db:6379/2', 'rediss://user:s3cret@db.example.com:6380'])(
  'RATE_LIMIT_REDIS_URL=%s is taken',
  (url) => {
    expect(readConfig({ RATE_LIMIT_REDIS_URL: url }).RATE_LIMIT_REDIS_URL).toBe(url);
  },
);

describe('how the service authenticates at Kafka', () => {
  const complete = { SINK_KAFKA_SASL: 'PLAIN', SINK_KAFKA_USERNAME: 'feeds', SINK_KAFKA_PASSWORD: 's3cret' };

  test.each(Object.keys(complete))('is not taken without %s', (missing) => {
    expect(mistakesIn({ ...complete, [missing]: '' })).toEqual([
      expect.stringMatching(new RegExp(`^SINK_KAFKA_\\w+ is set and ${missing} is not(?!.*s3cret)`)),
    ]);
  });

  test('is a mechanism that is known', () => {
    expect(mistakesIn({ ...complete, SINK_KAFKA_SASL: 'GSSAPI' })).toEqual([
      'SINK_KAFKA_SASL must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; got GSSAPI',
    ]);
  });
});

test('a duration is taken in milliseconds', () => {
  const ages = ['90s', '30m', '12h', '7d'].map((age) => readConfig({ SINK_REDIS_MAX_AGE: age }).SINK_REDIS_MAX_AGE);
  expect(ages).toEqual([90_000, 1_800_000, 43_200_000, 604_800_000]);
});

test('ALLOWED_HOSTS has names, or * for any', () => {
  expect(readConfig({}).ALLOWED_HOSTS).toEqual([]);
  expect(readConfig({ ALLOWED_HOSTS: 'scheduler, api.example.com' }).ALLOWED_HOSTS).toEqual([
    'scheduler',
    'api.example.com',
  ]);
  expect(readConfig({ ALLOWED_HOSTS: '*' }).ALLOWED_HOSTS).toEqual(['*']);
});

test('all mistakes are reported at once', () => {
  expect(mistakesIn({ PORT: 'x', GRPC_PORT: 'y' })).toHaveLength(2);
});

test.each([
  ['EVENT_STORE_URL', 'secret'],
  ['READ_MODEL_URL', 'secret'],
  ['RATE_LIMIT_REDIS_URL', 'secret'],
  ['SINK_REDIS_URL', 'secret'],
  ['PORT', 'postgres://user:secret@db'],
  ['HOST', 'postgres://user:secret@db'],
])('a refusal does not repeat a value that may hold a password: %s=%s', (name, value) => {
  expect(mistakesIn({ [name]: value })).toEqual([expect.not.stringContaining('secret')]);
});

describe.each(['AUTH_JWKS', 'AUTH_TOKENS_FILE', 'TLS_CERT_FILE', 'TLS_KEY_FILE', 'TLS_CLIENT_CA_FILE'])(
  '%s with a secret in place of its file',
  (name) => {
    test.each([
      ['PEM', '-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n'],
      ['PEM in one line', '-----BEGIN PRIVATE KEY-----\\nsecret\\n-----END PRIVATE KEY-----\\n'],
      ['PEM in base64', 'LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tsecret'],
      ['a set of keys', '{"keys":[{"kty":"RSA","d":"secret"}]}'],
      ['a simple token', `scheduler_secret${'A'.repeat(43)}`],
      ['a JSON Web Token', 'eyJhbGciOiJFUzI1NiJ9.e30.secret'],
    ])('is refused, and not repeated: %s', (_, value) => {
      expect(mistakesIn({ [name]: value })[0]).toMatch(
        new RegExp(`^${name} must be the path of a file, not what is to be in the file(?![^]*secret)`),
      );
    });
  },
);

test('one port for two doors is refused; a free port for each is not', () => {
  expect(mistakesIn({ PORT: '4000', GRPC_PORT: '4000' })).toEqual([
    'PORT and GRPC_PORT are both 4000: each door needs a port of its own. Set one of them to another port.',
  ]);
  expect(mistakesIn({ PORT: '50051' })).toHaveLength(1);
  expect(mistakesIn({ PORT: '0', GRPC_PORT: '0' })).toEqual([]);
});

describe('an address that others can reach', () => {
  test.each(['0.0.0.0', '::', '192.168.1.10', 'example.com'])('%s is refused, with what to set', (HOST) => {
    expect(mistakesIn({ HOST })).toEqual([expect.stringContaining('ALLOW_UNAUTHENTICATED=true')]);
  });

  test('is taken when the variable says so', () => {
    const allowing: NodeJS.ProcessEnv[] = [
      { ALLOW_UNAUTHENTICATED: 'true' },
      { AUTH_TOKENS_FILE: 'tokens.json' },
      { AUTH_JWKS: 'keys.json', AUTH_ISSUER: 'me', AUTH_AUDIENCE: 'scheduler' },
    ];
    for (const settings of allowing) expect(readConfig({ HOST: '0.0.0.0', ...settings }).HOST).toBe('0.0.0.0');
  });

  test.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['::1', true],
    ['localhost', true],
    ['127.0.0.1.example.com', false],
    ['10.0.0.1', false],
  ])('%s is loopback: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});

test('the README lists the variables, in their order', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect([...readme.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name)).toEqual(VARIABLES);
});
