import { isIP } from 'node:net';
import { z } from 'zod';
import { isEverywhere, rangesIn } from './address-ranges.js';
import { isKeyUrl } from './authentication/jwt/key-url.js';
import { Correctable } from './correctable.js';
import { STORE_URLS, storeKindOf } from './event-store/store-url.js';
import { MAX_OFFSETS, offsetIn } from './reminders/offsets.js';

const numberFrom = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be ${min} to ${max}`);

const wholeNumber = (min: number, max: number, fallback: number) => numberFrom(min, max).default(fallback);

const perMinute = numberFrom(1, 1_000_000_000);

const port = (fallback: number) => wholeNumber(0, 65_535, fallback);

const postgresUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol), 'must be a postgres:// URL');

const redisUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^rediss?:\/\/[^/]+(?:\/\d*)?$/.test(text),
    'must be a redis:// or rediss:// URL, such as redis://user:password@host:6379/0',
  );

const eventStoreUrl = z.string().refine(isEventStoreUrl, `must be ${STORE_URLS}`);

// Who puts a secret in place of its file gets to read no part of it again, in no log either.
const path = z.string().refine((text) => !isContent(text), 'must be the path of a file, not what is to be in the file');

const flag = z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true');

const keySetPlace = path.refine(
  isKeySetPlace,
  'must be an https:// URL, http:// only on this machine, or the path of a file',
);

const text = z.string().regex(/^[!-~]{1,1024}$/, 'must be 1 to 1024 printable ASCII characters without spaces');

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const duration = z
  .string()
  .regex(/^[1-9]\d{0,8}[smhd]$/, 'must be a duration such as 90s, 30m, 12h or 7d')
  .transform((text) => Number(text.slice(0, -1)) * UNITS[text.at(-1) as keyof typeof UNITS]);

const claim = (fallback: string) =>
  z
    .string()
    .regex(
      /^(?=[!-~]{1,256}$)(?:[^.]+(?:\.[^.]+)*|.*[:/].*)$/,
      'must be the name of a claim, such as roles, realm_access.roles or https://example.com/roles',
    )
    .default(fallback);

const list = z.string().transform((text) => text.split(',').map((part) => part.trim()));

/** In minutes, the longest first. */
const reminderOffsets = list
  .refine(
    (texts) => texts.every((text) => offsetIn(text) !== undefined),
    'must be times such as 24h, 1h, comma-separated: each 1m to 30d, in whole minutes (m), hours (h) or days (d)',
  )
  .refine((texts) => texts.length <= MAX_OFFSETS, `must be at most ${MAX_OFFSETS} times`)
  .transform((texts) => texts.map((text) => offsetIn(text) ?? 0).sort((one, other) => other - one))
  .refine((offsets) => new Set(offsets).size === offsets.length, 'must not have the same time twice');

// The service listens on the ports that two other variables name.
const host = z
  .string()
  .refine(
    (text) => isIP(text) !== 0 || /^[a-z0-9][a-z0-9._-]*$/i.test(text),
    'must be an IP address or a name, without a port',
  );

/** Every environment variable that the service reads. An empty value counts as absent. The README has the same list. */
const variables = z.object({
  HOST: host.default('127.0.0.1'),
  PORT: port(3000),
  GRPC_PORT: port(50_051),
  DATA_DIR: z.string().default('.data'),
  EVENT_STORE_URL: eventStoreUrl.optional(),
  READ_MODEL_URL: postgresUrl.optional(),
  ALLOW_UNAUTHENTICATED: flag.default(false),
  AUTH_JWKS: keySetPlace.optional(),
  AUTH_ISSUER: text.optional(),
  AUTH_AUDIENCE: text.optional(),
  AUTH_ROLES_CLAIM: claim('roles'),
  AUTH_COACH_CLAIM: claim('coach_hash_id'),
  AUTH_CLIENT_CLAIM: claim('client_hash_id'),
  AUTH_TOKENS_FILE: path.optional(),
  TLS_CERT_FILE: path.optional(),
  TLS_KEY_FILE: path.optional(),
  TLS_CLIENT_CA_FILE: path.optional(),
  API_DOCS: flag.optional(),
  ALLOWED_HOSTS: list
    .refine(
      (names) => names.every((name) => /^(?:\*|[a-z0-9]([a-z0-9._-]*[a-z0-9])?)$/i.test(name)),
      'must be names such as scheduler.example.com, without ports, comma-separated, or *',
    )
    .default([]),
  CORS_ORIGINS: list
    .refine(
      (origins) => origins.every(isOrigin),
      'must be origins such as https://app.example.com, comma-separated, or *',
    )
    .default([]),
  TRUST_PROXY: list
    .refine(
      (ranges) => ranges.every((text) => rangesIn(text)),
      'must be ranges or addresses such as 10.0.0.0/8 or 2001:db8::1, comma-separated, or loopback',
    )
    .default([]),
  RATE_LIMIT_READS: perMinute.optional(),
  RATE_LIMIT_WRITES: perMinute.optional(),
  RATE_LIMIT_ADDRESS_READS: perMinute.optional(),
  RATE_LIMIT_ADDRESS_WRITES: perMinute.optional(),
  RATE_LIMIT_FAILED_AUTH: perMinute.default(100),
  RATE_LIMIT_STREAMS: wholeNumber(1, 1_000_000, 100),
  RATE_LIMIT_REDIS_URL: redisUrl.optional(),
  FEED_SOURCE: text.default('urn:session-scheduler'),
  SINK_REDIS_URL: redisUrl.optional(),
  SINK_REDIS_STREAM: text.default('session-changes'),
  SINK_REDIS_MAX_LENGTH: numberFrom(1, 1_000_000_000).optional(),
  SINK_REDIS_MAX_AGE: duration.optional(),
  SINK_KAFKA_BROKERS: list
    .refine(
      (brokers) =>
        brokers.every((broker) => /^(?:[a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:]+\]):\d{1,5}$/i.test(broker)),
      'must be brokers such as kafka-1.example.com:9092, comma-separated',
    )
    .optional(),
  SINK_KAFKA_TOPIC: z
    .string()
    .regex(/^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/, 'must be 1 to 249 letters, digits, dots, underscores or hyphens')
    .default('session-changes'),
  SINK_KAFKA_PARTITIONS: wholeNumber(1, 10_000, 12),
  SINK_KAFKA_REPLICAS: wholeNumber(1, 100, 3),
  SINK_KAFKA_TLS: flag.default(false),
  SINK_KAFKA_TLS_CA_FILE: path.optional(),
  SINK_KAFKA_SASL: z
    .enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'], 'must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512')
    .optional(),
  SINK_KAFKA_USERNAME: z.string().optional(),
  SINK_KAFKA_PASSWORD: z.string().optional(),
  REQUEST_TIMEOUT_MS: wholeNumber(1, 600_000, 10_000),
  MAX_REQUEST_BYTES: wholeNumber(1_024, 64 * 1024 * 1024, 256 * 1024),
  ZONE_RULES: z.string().optional(),
  REMINDER_OFFSETS: reminderOffsets.default([]),
  CLIENT_OVERLAP: z.enum(['refuse', 'allow'], 'must be refuse or allow').default('refuse'),
  COACH_CACHE_MB: wholeNumber(1, 65_536, 128),
  CLIENT_CACHE_MB: wholeNumber(1, 65_536, 64),
  PROJECTION_LAG_LIMIT_MS: wholeNumber(100, 3_600_000, 5_000),
  WEBHOOK_ALLOW_PRIVATE: flag.default(false),
  CALENDAR_FETCHING: z.enum(['on', 'off'], 'must be on or off').default('on'),
  CALENDAR_ALLOW_PRIVATE: flag.default(false),
  SHUTDOWN_DRAIN_MS: wholeNumber(0, 600_000, 500),
  SHUTDOWN_GRACE_MS: wholeNumber(0, 600_000, 3_000),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], 'must be trace, debug, info, warn, error or silent')
    .default('info'),
  LOG_FORMAT: z.enum(['auto', 'json', 'pretty'], 'must be auto, json or pretty').default('auto'),
});

/** The names of the variables, in the order in which the README lists them. */
export const VARIABLES = Object.keys(variables.shape);

/** The service's settings, checked. */
export type Config = z.output<typeof variables>;

/** The environment has mistakes: one sentence for each, which names the variable and the rule. */
export class ConfigError extends Correctable {
  override readonly name = 'ConfigError';
  constructor(readonly mistakes: readonly string[]) {
    super(mistakes.join('\n'));
  }
}

/**
 * Reads the settings from the environment. Throws `ConfigError` with every malformed variable at once, or, when none is,
 * for two doors at one port, tokens of any issuer or audience, a certificate without its key, half of what Kafka needs to
 * authenticate the service, authorities without TLS, proxies everywhere, or a `HOST` beyond loopback that is not allowed.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = variables.safeParse(given);
  if (!result.success) {
    throw new ConfigError(
      result.error.issues.map(({ path, message }) => {
        const name = path.join('.');
        return `${name} ${message}${gotten(name, given[name] ?? '')}`;
      }),
    );
  }
  const config = result.data;
  if (config.PORT === config.GRPC_PORT && config.PORT !== 0) {
    throw new ConfigError([
      `PORT and GRPC_PORT are both ${config.PORT}: each door needs a port of its own. Set one of them to another port.`,
    ]);
  }
  const missingForJwts = missingForJwtsIn(config);
  if (missingForJwts.length > 0) throw new ConfigError(missingForJwts);
  if ((config.TLS_CERT_FILE === undefined) !== (config.TLS_KEY_FILE === undefined)) {
    const [given, missing] = config.TLS_CERT_FILE
      ? ['TLS_CERT_FILE', 'TLS_KEY_FILE']
      : ['TLS_KEY_FILE', 'TLS_CERT_FILE'];
    throw new ConfigError([
      `${given} is set and ${missing} is not: TLS needs a certificate and its key. Set both, or none.`,
    ]);
  }
  if (config.TLS_CLIENT_CA_FILE && !config.TLS_CERT_FILE) {
    throw new ConfigError([
      'TLS_CLIENT_CA_FILE asks callers for certificates, which needs TLS. Set TLS_CERT_FILE and TLS_KEY_FILE too.',
    ]);
  }
  const missingForSasl = missingForSaslIn(config);
  if (missingForSasl.length > 0) throw new ConfigError(missingForSasl);
  if (config.SINK_KAFKA_TLS_CA_FILE && !config.SINK_KAFKA_TLS) {
    throw new ConfigError([
      'SINK_KAFKA_TLS_CA_FILE is set and SINK_KAFKA_TLS is not: the connections to the brokers would not be encrypted. ' +
        'Set SINK_KAFKA_TLS=true.',
    ]);
  }
  checkProxies(config);
  if (!isLoopback(config.HOST) && !authenticates(config) && !config.ALLOW_UNAUTHENTICATED) {
    throw new ConfigError([
      `HOST=${config.HOST} would serve everyone who can reach it, and no authentication is configured. ` +
        'Set AUTH_TOKENS_FILE or AUTH_JWKS, leave HOST at 127.0.0.1, or set ALLOW_UNAUTHENTICATED=true if something in ' +
        'front of the service authenticates callers.',
    ]);
  }
  return config;
}

/** The settings that JSON Web Tokens need, only together, and why each is needed. */
const NEEDED_FOR_JWTS = {
  AUTH_JWKS: 'without keys no token can be verified. Set it to the JSON Web Key Set of the issuer: a URL or a file.',
  AUTH_ISSUER: 'tokens of any issuer would be accepted. Set it to the iss that tokens have.',
  AUTH_AUDIENCE:
    'tokens that the issuer makes for other services would be accepted. Set it to the aud that tokens for this service have.',
};

function missingForJwtsIn(config: Config): readonly string[] {
  const needed = Object.entries(NEEDED_FOR_JWTS) as [keyof typeof NEEDED_FOR_JWTS, string][];
  const given = needed.find(([name]) => config[name] !== undefined);
  if (!given) return [];
  return needed
    .filter(([name]) => config[name] === undefined)
    .map(([name, why]) => `${given[0]} is set and ${name} is not: ${why}`);
}

/** The settings that Kafka needs to know who the service is: all, or none. */
const NEEDED_FOR_SASL = ['SINK_KAFKA_SASL', 'SINK_KAFKA_USERNAME', 'SINK_KAFKA_PASSWORD'] as const;

function missingForSaslIn(config: Config): readonly string[] {
  const given = NEEDED_FOR_SASL.find((name) => config[name] !== undefined);
  if (!given) return [];
  return NEEDED_FOR_SASL.filter((name) => config[name] === undefined).map(
    (name) => `${given} is set and ${name} is not: brokers that authenticate the service need all three. Set it too.`,
  );
}

/** Whoever is a trusted proxy decides who its callers are: with everybody trusted, no limit for an address would hold. */
function checkProxies({ TRUST_PROXY, TLS_CERT_FILE }: Config): void {
  const everywhere = TRUST_PROXY.find(isEverywhere);
  if (everywhere === undefined) return;
  const sentence = TLS_CERT_FILE
    ? `TRUST_PROXY=${everywhere} trusts everybody to say whom they call for, and with TLS_CERT_FILE callers need no proxy.`
    : `TRUST_PROXY=${everywhere} trusts everybody to say whom they call for, so that nobody can be limited.`;
  throw new ConfigError([`${sentence} Name the addresses of your proxies only.`]);
}

/** What was found, for the end of a sentence. A value that may hold a secret stays out of it. */
function gotten(name: string, value: string): string {
  return !/_(?:URL|PASSWORD)$/.test(name) && !isContent(value) && /^[\w.,*+ -]{1,40}$/.test(value)
    ? `; got ${value}`
    : '';
}

/** Whether callers have to say who they are. */
export function authenticates({ AUTH_JWKS, AUTH_TOKENS_FILE }: Config): boolean {
  return AUTH_JWKS !== undefined || AUTH_TOKENS_FILE !== undefined;
}

/** Whether the doors tell what they serve: with authentication, only when the settings say so. */
export function servesDocs(config: Config): boolean {
  return config.API_DOCS ?? !authenticates(config);
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

// Only the client of KurrentDB reads the lists of hosts that its URLs may have.
function isEventStoreUrl(text: string): boolean {
  return storeKindOf(text) === 'postgres' ? URL.canParse(text) : storeKindOf(text) !== undefined;
}

/** Whether a text is PEM, as it is or in base64, JSON, or a token. */
function isContent(text: string): boolean {
  return /^\s*(?:-----BEGIN|LS0tLS1CRUdJTi|\{|\[|eyJ|scheduler_[\w-]{49}$)|[\r\n]/.test(text);
}

// Keys that come in plain text may be somebody else's.
function isKeySetPlace(place: string): boolean {
  if (!isKeyUrl(place)) return !/^[a-z][a-z0-9+.-]*:\/\//i.test(place);
  if (!URL.canParse(place)) return false;
  const { protocol, hostname, username, password } = new URL(place);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || isLoopback(hostname.replace(/^\[|\]$/g, ''));
}

function isOrigin(text: string): boolean {
  return text === '*' || (URL.canParse(text) && new URL(text).origin === text);
}
