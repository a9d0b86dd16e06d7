import type { Subject } from './subject.js';

/** The service as a user runs it: production, all its guards, its settings as they are out of the box. */
export const service = serviceWith('service');

/** The service with settings of its own. */
export function serviceWith(name: string, settings: Record<string, string> = {}): Subject {
  return {
    name,
    command: ['dist/src/cli.js', 'start'],
    sessionsTable: 'read_model.sessions',
    env: (url) => ({ EVENT_STORE_URL: url, PORT: '0', GRPC_PORT: '0', LOG_FORMAT: 'json', ...settings }),
  };
}

/** Fastify, pg and an exclusion constraint. */
export const exclusion: Subject = {
  name: 'fastify-exclusion',
  command: ['dist/bench/peers/fastify-exclusion.js'],
  sessionsTable: 'sessions',
  env: (url) => ({ DATABASE_URL: url }),
};

/** The same, for who knows what `on conflict do nothing` does to an exclusion constraint. */
export const onConflict: Subject = {
  ...exclusion,
  name: 'fastify-on-conflict',
  env: (url) => ({ DATABASE_URL: url, INSERT_MODE: 'on-conflict' }),
};

/** Emmett's Postgres event store behind Fastify. */
export const emmett: Subject = {
  name: 'emmett',
  command: ['bench/peers/emmett/server.mjs'],
  sessionsTable: 'sessions',
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
