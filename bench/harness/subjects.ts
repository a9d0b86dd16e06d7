import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Kept, ROOT, type Subject } from './subject.js';

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
    args: ['dist/src/cli.js', 'start'],
    keeps: { table: 'read_model.sessions', ...GUARD_ALL },
    env: (url) => ({ EVENT_STORE_URL: url, PORT: '0', GRPC_PORT: '0', LOG_FORMAT: 'json', ...settings }),
  };
}

const GO_PROGRAM = 'dist/bench/peers/go-exclusion';

/** How `variantOf` begins for peers on Node. */
export const NODE_PEER = 'Fastify';

const FASTIFY_PG = { name: 'fastify', variantOf: NODE_PEER, args: ['dist/bench/peers/fastify-exclusion.js'] };
const FASTIFY_POSTGRES_JS = {
  name: 'postgres.js',
  variantOf: NODE_PEER,
  args: ['dist/bench/peers/fastify-postgres-js.js'],
};
const GO = {
  name: 'go',
  variantOf: 'Go',
  program: GO_PROGRAM,
  args: [],
  prepare: buildGo,
  // Collecting garbage less often takes a few megabytes and saves a twentieth of its processor time.
  settings: { GOGC: '400' },
};

type Peer = Pick<Subject, 'name' | 'variantOf' | 'program' | 'args' | 'prepare'> & {
  readonly settings?: Record<string, string>;
};

/**
 * A peer that lets Postgres refuse what overlaps, by exclusion constraints.
 * @param mode `exclusion`: by their errors; `on-conflict`: by `on conflict do nothing`, which causes no deadlocks
 */
function peerWith({ settings, ...peer }: Peer, mode: 'exclusion' | 'on-conflict', guards: Kept['guards']): Subject {
  const label = guards === 'coaches' ? ', coaches only' : '';
  return {
    ...peer,
    name: `${peer.name}-${mode}${label}`,
    variantOf: `${peer.variantOf}${label}`,
    keeps: { table: 'sessions', guards },
    env: (url) => ({ DATABASE_URL: url, GUARDS: guards, INSERT_MODE: mode, ...settings }),
  };
}

function variants(peer: Peer, guards: Kept['guards']): Subject[] {
  return [peerWith(peer, 'exclusion', guards), peerWith(peer, 'on-conflict', guards)];
}

/** Fastify, pg and an exclusion constraint for coaches: the peer of the gate. */
export const exclusionForCoaches = peerWith(FASTIFY_PG, 'exclusion', 'coaches');

/** The peers with exclusion constraints for coaches and clients, in all their variants. */
export const peers: readonly Subject[] = [FASTIFY_PG, FASTIFY_POSTGRES_JS, GO].flatMap((peer) =>
  variants(peer, 'coaches and clients'),
);

/** The same with the constraint for coaches alone. */
export const peersForCoaches: readonly Subject[] = [FASTIFY_PG, FASTIFY_POSTGRES_JS, GO].flatMap((peer) =>
  variants(peer, 'coaches'),
);

/** Emmett's Postgres event store behind Fastify. It has no way to keep a rule over two streams. */
export const emmett: Subject = {
  name: 'emmett, coaches only',
  args: ['bench/peers/emmett/server.mjs'],
  prepare: installEmmett,
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
  args: ['dist/bench/peers/fastify-select.js'],
  env: (url) => ({ DATABASE_URL: url }),
};

/** Free slots computed in Postgres, behind Fastify. */
export const slotsBySql: Subject = {
  name: 'fastify-slots',
  args: ['dist/bench/peers/fastify-slots.js'],
  env: (url) => ({ DATABASE_URL: url }),
};

/** Fastify that books nothing. */
export const fastifyEcho: Subject = {
  name: 'fastify-echo',
  args: ['dist/bench/peers/fastify-echo.js'],
  env: () => ({}),
};

/** grpc-js that books nothing. */
export const grpcEcho: Subject = { name: 'grpc-echo', args: ['dist/bench/peers/grpc-echo.js'], env: () => ({}) };

/** Emmett's packages are its own: the service does not need them. */
function installEmmett(): void {
  const folder = join(ROOT, 'bench/peers/emmett');
  if (existsSync(join(folder, 'node_modules'))) return;
  execFileSync('npm', ['ci', '--silent', '--prefix', folder], { stdio: 'inherit' });
}

function buildGo(): void {
  const args = ['build', '-C', join(ROOT, 'bench/peers/go-exclusion'), '-o', join(ROOT, GO_PROGRAM), '.'];
  const { error, status, stderr } = spawnSync('go', args, { encoding: 'utf8' });
  if (error) throw new Error('there is no Go on this machine');
  if (status !== 0) throw new Error(`go build says: ${stderr.trim().split('\n').at(-1)}`);
}
