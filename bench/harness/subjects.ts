import type { Subject } from './subject.js';

const GUARD_ALL = { guards: 'coaches and clients' } as const;
const GUARD_COACHES = { guards: 'coaches' } as const;

/** The service as a user runs it: production, all its guards, its settings as they are out of the box. */
export const service = serviceWith('service');

/** The service without its rule for clients, for comparison with peers that have none. */
export const serviceForCoaches: Subject = {
  ...serviceWith('service, coaches only', { CLIENT_OVERLAP: 'allow' }),
  keeps: { table: 'read_model.sessions', ...GUARD_COACHES },
};

/** The service with settings of its own. */
export function serviceWith(name: string, settings: Record<string, string> = {}): Subject {
  return {
    name,
    command: ['--max-semi-space-size=64', 'dist/src/cli.js', 'start'],
    keeps: { table: 'read_model.sessions', ...GUARD_ALL },
    env: (url) => ({ EVENT_STORE_URL: url, PORT: '0', GRPC_PORT: '0', LOG_FORMAT: 'json', ...settings }),
  };
}

/** Fastify, pg and two exclusion constraints. */
export const exclusion: Subject = {
  name: 'fastify-exclusion',
  command: ['dist/bench/peers/fastify-exclusion.js'],
  keeps: { table: 'sessions', ...GUARD_ALL },
  env: (url) => ({ DATABASE_URL: url, GUARDS: 'coaches and clients' }),
};

/** The same with the constraint for coaches alone. */
export const exclusionForCoaches: Subject = {
  ...exclusion,
  name: 'fastify-exclusion, coaches only',
  keeps: { table: 'sessions', ...GUARD_COACHES },
  env: (url) => ({ DATABASE_URL: url, GUARDS: 'coaches' }),
};

/** The two above with `on conflict do nothing`, as a team writes it that knows what this does to exclusion constraints. */
export const onConflict = knowing('fastify-on-conflict', exclusion);
export const onConflictForCoaches = knowing('fastify-on-conflict, coaches only', exclusionForCoaches);

function knowing(name: string, subject: Subject): Subject {
  return { ...subject, name, env: (url) => ({ ...subject.env(url), INSERT_MODE: 'on-conflict' }) };
}

/** Emmett's Postgres event store behind Fastify. It has no way to keep a rule over two streams. */
export const emmett: Subject = {
  name: 'emmett, coaches only',
  command: ['bench/peers/emmett/server.mjs'],
  keeps: {
    table: 'sessions',
    ...GUARD_COACHES,
    // Version 0.42 ignores the expectation that the stream does not exist.
    exception: 'two rivals may both get the first slot of a coach: the first append to a stream is not checked',
  },
  env: (url) => ({ DATABASE_URL: url }),
};

/** The service's SELECTs behind Fastify. */
export const select: Subject = {
  name: 'fastify-select',
  command: ['dist/bench/peers/fastify-select.js'],
  env: (url) => ({ DATABASE_URL: url }),
};

/** Fastify that books nothing. */
export const fastifyEcho: Subject = {
  name: 'fastify-echo',
  command: ['dist/bench/peers/fastify-echo.js'],
  env: () => ({}),
};

/** grpc-js that books nothing. */
export const grpcEcho: Subject = { name: 'grpc-echo', command: ['dist/bench/peers/grpc-echo.js'], env: () => ({}) };
