import { expect, test } from 'vitest';
import { VARIABLES } from '../src/config/variables.js';
import { misspeltSettings } from '../src/unknown-settings.js';

const among = (...names: string[]) =>
  misspeltSettings(Object.fromEntries(names.map((name) => [name, 'a value'])), VARIABLES);

test.each([
  ['PROT', 'PORT'],
  ['PRT', 'PORT'],
  ['PORTS', 'PORT'],
  ['port', 'PORT'],
  ['HSOT', 'HOST'],
  ['GRPCPORT', 'GRPC_PORT'],
  ['DATADIR', 'DATA_DIR'],
  ['CORS_ORIGIN', 'CORS_ORIGINS'],
  ['CORS_ALLOWED_ORIGINS', 'CORS_ORIGINS'],
  ['EVENTSTORE_URL', 'EVENT_STORE_URL'],
  ['EVENT_STORE', 'EVENT_STORE_URL'],
  ['READ_MODEL_DATABASE', 'READ_MODEL_URL'],
  ['AUTH_JWKS_URL', 'AUTH_JWKS'],
  ['AUTH_JWK_SET', 'AUTH_JWKS'],
  ['AUTH_ISSUERS', 'AUTH_ISSUER'],
  ['AUTH_AUDIENCES', 'AUTH_AUDIENCE'],
  ['AUTH_ROLE_CLAIM', 'AUTH_ROLES_CLAIM'],
  ['AUTH_CLIENT_CLAIMS', 'AUTH_CLIENT_CLAIM'],
  ['REQUEST_TIMEOUT', 'REQUEST_TIMEOUT_MS'],
  ['COACH_CACHE', 'COACH_CACHE_MB'],
  ['SHUTDOWN_GRACE_PERIOD', 'SHUTDOWN_GRACE_MS'],
  ['ALLOW_UNAUTHENTICATD', 'ALLOW_UNAUTHENTICATED'],
  ['AUTH_TOKEN_FILE', 'AUTH_TOKENS_FILE'],
  ['AUTH_TOKENS_PATH', 'AUTH_TOKENS_FILE'],
  ['LOG_LEVL', 'LOG_LEVEL'],
])('%s: did you mean %s?', (name, setting) => {
  expect(among(name)).toEqual([`${name} is not a setting and has no effect; did you mean ${setting}?`]);
});

test('the settings themselves are no mistakes', () => {
  expect(among(...VARIABLES)).toEqual([]);
});

test('an empty variable counts as absent', () => {
  expect(misspeltSettings({ PROT: '' }, VARIABLES)).toEqual([]);
});

test('variables of others are theirs: of shells, npm, Node, containers, databases and tools', () => {
  const others = `
    PATH HOME HOSTNAME HOSTTYPE USER LOGNAME SHELL SHLVL PWD OLDPWD LANG LC_ALL TERM TZ EDITOR MAIL DISPLAY TMPDIR _
    COLUMNS LINES PS1 MACHTYPE OSTYPE COST GHOST SORT EXPORT XDG_DATA_DIRS XDG_DATA_HOME XDG_RUNTIME_DIR SSH_CLIENT
    NODE_ENV NODE_OPTIONS NODE_PATH NO_COLOR FORCE_COLOR CI INIT_CWD npm_config_port npm_config_loglevel
    npm_lifecycle_event npm_package_name npm_package_json NPM_CONFIG_LOGLEVEL
    HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy HTTP_PORT HTTPS_PORT METRICS_PORT DATA_PATH DATA_HOME DATABASE_URL
    LOG_FILE LOG_DIR LOG_PATH AUTH_SECRET AUTH_URL AUTH_TOKEN NPM_AUTH_TOKEN AUTH_CLIENT_ID AUTH_CLIENT_SECRET
    AUTH_GITHUB_ID AUTH_TRUST_HOST CLIENT_ID CLIENT_SECRET REDIS_HOST REDIS_PORT DB_HOST DB_PORT MAX_REQUESTS
    PGHOST PGPORT PGUSER PGPASSWORD PGDATA PGDATABASE PGSSLMODE POSTGRES_USER POSTGRES_PASSWORD POSTGRES_DB POSTGRES_PORT
    EVENTSTORE_CLUSTER_SIZE EVENTSTORE_INSECURE KURRENTDB_CLUSTER_SIZE KURRENTDB_URL
    SSL_CERT_FILE SSL_CERT_DIR SSL_KEY_FILE NODE_EXTRA_CA_CERTS
    GRPC_VERBOSITY GRPC_TRACE GRPC_NODE_TRACE GRPC_DEFAULT_SSL_ROOTS_FILE_PATH
    KUBERNETES_PORT KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT SCHEDULER_PORT SCHEDULER_SERVICE_HOST
    SCHEDULER_PORT_3000_TCP_ADDR DOCKER_HOST KUBECONFIG AWS_REGION OTEL_SERVICE_NAME`;
  expect(among(...others.trim().split(/\s+/))).toEqual([]);
});

test('nothing in the environment of this test is taken for one', () => {
  expect(misspeltSettings(process.env, VARIABLES)).toEqual([]);
});
