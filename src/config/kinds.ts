import { isIP } from 'node:net';
import { z } from 'zod';
import { isLoopback, rangesIn } from '../address-ranges.js';
import { isKeyUrl } from '../authentication/jwt/key-url.js';
import { STORE_URLS, storeKindOf } from '../event-store/store-url.js';
import { MAX_OFFSETS, offsetIn } from '../reminders/offsets.js';

/** The kinds of values that variables have. Each says its rule, for the end of a sentence about the variable. */

/** A whole number from `min` to `max`, inclusive. */
export const numberFrom = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be ${min} to ${max}`);

/** The same, with a default. */
export const wholeNumber = (min: number, max: number, fallback: number) => numberFrom(min, max).default(fallback);

/** How often something may happen in a minute. */
export const perMinute = numberFrom(1, 1_000_000_000);

/** The number of a port; 0 takes a free one. */
export const port = (fallback: number) => wholeNumber(0, 65_535, fallback);

/** One of a few words. */
export const oneOf = <const Words extends readonly [string, string, ...string[]]>(...words: Words) =>
  z.enum(words, `must be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`);

/** `true` or `false`. */
export const flag = oneOf('true', 'false').transform((text) => text === 'true');

/** A text without spaces. */
export const text = z.string().regex(/^[!-~]{1,1024}$/, 'must be 1 to 1024 printable ASCII characters without spaces');

/** The path of a file. Whoever puts a secret in its place finds no part of it again, in no log either. */
export const path = z
  .string()
  .refine((text) => !isContent(text), 'must be the path of a file, not what is to be in the file');

/** Whether a text is PEM, as it is or in base64, JSON, or a token. */
export function isContent(text: string): boolean {
  return /^\s*(?:-----BEGIN|LS0tLS1CRUdJTi|\{|\[|eyJ|scheduler_[\w-]{49}$)|[\r\n]/.test(text);
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** In milliseconds. */
export const duration = z
  .string()
  .regex(/^[1-9]\d{0,8}[smhd]$/, 'must be a duration such as 90s, 30m, 12h or 7d')
  .transform((text) => Number(text.slice(0, -1)) * UNITS[text.at(-1) as keyof typeof UNITS]);

/** The address that the doors listen on. Their ports are variables of their own. */
export const host = z
  .string()
  .refine(
    (text) => isIP(text) !== 0 || /^[a-z0-9][a-z0-9._-]*$/i.test(text),
    'must be an IP address or a name, without a port',
  );

/** The URL of a PostgreSQL database. */
export const postgresUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol), 'must be a postgres:// URL');

/** The URL of a Redis database. */
export const redisUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^rediss?:\/\/[^/]+(?:\/\d*)?$/.test(text),
    'must be a redis:// or rediss:// URL, such as redis://user:password@host:6379/0',
  );

/** The URL of an event store, of any kind that there is. */
export const eventStoreUrl = z.string().refine(isEventStoreUrl, `must be ${STORE_URLS}`);

// Only the client of KurrentDB reads the lists of hosts that its URLs may have.
function isEventStoreUrl(text: string): boolean {
  return storeKindOf(text) === 'postgres' ? URL.canParse(text) : storeKindOf(text) !== undefined;
}

/** Where a JSON Web Key Set is. */
export const keySetPlace = path.refine(
  isKeySetPlace,
  'must be an https:// URL, http:// only on this machine, or the path of a file',
);

// Keys that come in plain text may be somebody else's.
function isKeySetPlace(place: string): boolean {
  if (!isKeyUrl(place)) return !/^[a-z][a-z0-9+.-]*:\/\//i.test(place);
  if (!URL.canParse(place)) return false;
  const { protocol, hostname, username, password } = new URL(place);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || isLoopback(hostname.replace(/^\[|\]$/g, ''));
}

/** The name of a claim of JSON Web Tokens. */
export const claim = (fallback: string) =>
  z
    .string()
    .regex(
      /^(?=[!-~]{1,256}$)(?:[^.]+(?:\.[^.]+)*|.*[:/].*)$/,
      'must be the name of a claim, such as roles, realm_access.roles or https://example.com/roles',
    )
    .default(fallback);

const list = z.string().transform((text) => text.split(',').map((part) => part.trim()));

/** Names of hosts, or `*`. */
export const hostNames = list.refine(
  (names) => names.every((name) => /^(?:\*|[a-z0-9]([a-z0-9._-]*[a-z0-9])?)$/i.test(name)),
  'must be names such as scheduler.example.com, without ports, comma-separated, or *',
);

/** Origins of pages, or `*`. */
export const origins = list.refine(
  (all) => all.every((text) => text === '*' || (URL.canParse(text) && new URL(text).origin === text)),
  'must be origins such as https://app.example.com, comma-separated, or *',
);

/** Ranges of IP addresses, as they were written. */
export const addressRanges = list.refine(
  (ranges) => ranges.every((text) => rangesIn(text)),
  'must be ranges or addresses such as 10.0.0.0/8 or 2001:db8::1, comma-separated, or loopback',
);

/** Brokers of Kafka: hosts with their ports. */
export const kafkaBrokers = list.refine(
  (brokers) => brokers.every((broker) => /^(?:[a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:]+\]):\d{1,5}$/i.test(broker)),
  'must be brokers such as kafka-1.example.com:9092, comma-separated',
);

/** The name of a topic of Kafka. */
export const kafkaTopic = z
  .string()
  .regex(/^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/, 'must be 1 to 249 letters, digits, dots, underscores or hyphens');

/** How long before a session to remind of it: in minutes, the longest first. */
export const reminderOffsets = list
  .refine(
    (texts) => texts.every((text) => offsetIn(text) !== undefined),
    'must be times such as 24h, 1h, comma-separated: each 1m to 30d, in whole minutes (m), hours (h) or days (d)',
  )
  .refine((texts) => texts.length <= MAX_OFFSETS, `must be at most ${MAX_OFFSETS} times`)
  .transform((texts) => texts.map((text) => offsetIn(text) ?? 0).sort((one, other) => other - one))
  .refine((offsets) => new Set(offsets).size === offsets.length, 'must not have the same time twice');
