import { isEverywhere, isLoopback } from '../address-ranges.js';
import { authenticates } from './access.js';
import type { Config } from './config.js';

/** A rule about several settings: the sentences that say how these settings break it; none when they keep it. */
export type Rule = (config: Config) => readonly string[];

/** The rules about settings that only go together, in the order in which they are checked. */
export const RULES: readonly Rule[] = [
  eachDoorHasItsPort,
  jwtsHaveKeysIssuerAndAudience,
  certificateHasItsKey,
  clientCertificatesNeedTls,
  saslHasAllThree,
  kafkaAuthoritiesNeedTls,
  proxiesAreNotEverybody,
  outsidersAuthenticate,
];

function eachDoorHasItsPort({ PORT, GRPC_PORT }: Config): readonly string[] {
  if (PORT !== GRPC_PORT || PORT === 0) return [];
  return [`PORT and GRPC_PORT are both ${PORT}: each door needs a port of its own. Set one of them to another port.`];
}

/** The settings that JSON Web Tokens need, only together, and why each is needed. */
const NEEDED_FOR_JWTS = {
  AUTH_JWKS: 'without keys no token can be verified. Set it to the JSON Web Key Set of the issuer: a URL or a file.',
  AUTH_ISSUER: 'tokens of any issuer would be accepted. Set it to the iss that tokens have.',
  AUTH_AUDIENCE:
    'tokens that the issuer makes for other services would be accepted. Set it to the aud that tokens for this service have.',
};

function jwtsHaveKeysIssuerAndAudience(config: Config): readonly string[] {
  return allOrNone(config, NEEDED_FOR_JWTS);
}

const BOTH_FOR_TLS = 'TLS needs a certificate and its key. Set both, or none.';

function certificateHasItsKey(config: Config): readonly string[] {
  return allOrNone(config, { TLS_CERT_FILE: BOTH_FOR_TLS, TLS_KEY_FILE: BOTH_FOR_TLS });
}

function clientCertificatesNeedTls({ TLS_CLIENT_CA_FILE, TLS_CERT_FILE }: Config): readonly string[] {
  if (!TLS_CLIENT_CA_FILE || TLS_CERT_FILE) return [];
  return ['TLS_CLIENT_CA_FILE asks callers for certificates, which needs TLS. Set TLS_CERT_FILE and TLS_KEY_FILE too.'];
}

const ALL_FOR_SASL = 'brokers that authenticate the service need all three. Set it too.';

function saslHasAllThree(config: Config): readonly string[] {
  return allOrNone(config, {
    SINK_KAFKA_SASL: ALL_FOR_SASL,
    SINK_KAFKA_USERNAME: ALL_FOR_SASL,
    SINK_KAFKA_PASSWORD: ALL_FOR_SASL,
  });
}

function kafkaAuthoritiesNeedTls({ SINK_KAFKA_TLS_CA_FILE, SINK_KAFKA_TLS }: Config): readonly string[] {
  if (!SINK_KAFKA_TLS_CA_FILE || SINK_KAFKA_TLS) return [];
  return [
    'SINK_KAFKA_TLS_CA_FILE is set and SINK_KAFKA_TLS is not: the connections to the brokers would not be encrypted. ' +
      'Set SINK_KAFKA_TLS=true.',
  ];
}

/** Whoever is a trusted proxy decides who its callers are: with everybody trusted, no limit for an address would hold. */
function proxiesAreNotEverybody({ TRUST_PROXY, TLS_CERT_FILE }: Config): readonly string[] {
  const everywhere = TRUST_PROXY.find(isEverywhere);
  if (everywhere === undefined) return [];
  const sentence = TLS_CERT_FILE
    ? `TRUST_PROXY=${everywhere} trusts everybody to say whom they call for, and with TLS_CERT_FILE callers need no proxy.`
    : `TRUST_PROXY=${everywhere} trusts everybody to say whom they call for, so that nobody can be limited.`;
  return [`${sentence} Name the addresses of your proxies only.`];
}

function outsidersAuthenticate(config: Config): readonly string[] {
  if (isLoopback(config.HOST) || authenticates(config) || config.ALLOW_UNAUTHENTICATED) return [];
  return [
    `HOST=${config.HOST} would serve everyone who can reach it, and no authentication is configured. ` +
      'Set AUTH_TOKENS_FILE or AUTH_JWKS, leave HOST at 127.0.0.1, or set ALLOW_UNAUTHENTICATED=true if something in ' +
      'front of the service authenticates callers.',
  ];
}

/** For settings of which one needs all others: a sentence for each that is missing while another is set, and why. */
function allOrNone(config: Config, why: { readonly [Name in keyof Config]?: string }): readonly string[] {
  const names = Object.keys(why) as (keyof Config)[];
  const given = names.find((name) => config[name] !== undefined);
  if (given === undefined) return [];
  const missing = names.filter((name) => config[name] === undefined);
  return missing.map((name) => `${given} is set and ${name} is not: ${why[name]}`);
}
