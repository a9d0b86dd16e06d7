import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { load } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CannotWriteProtos, writeProtos } from '../../src/proto-files.js';
import { buildService, runService } from '../support/service-process.js';

/** The names of generated code. Whoever generated some depends on them. */
const NAMES = [
  'option go_package = "aceup/scheduler/v1;schedulerv1";',
  'option java_multiple_files = true;',
  'option java_package = "com.aceup.scheduler.v1";',
];

let out: string;

beforeAll(async () => {
  await buildService();
  out = await mkdtemp(join(tmpdir(), 'scheduler-proto-'));
});

afterAll(() => rm(out, { recursive: true }));

async function protosIn(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true });
  return files.filter((file) => file.endsWith('.proto')).sort();
}

async function importsOf(file: string): Promise<string[]> {
  return [...(await readFile(file, 'utf8')).matchAll(/^import "(.+)";$/gm)].map(([, imported]) => imported as string);
}

describe('scheduler proto --out', () => {
  let folder: string;

  beforeAll(async () => {
    folder = join(out, 'a/b');
    const { code, output } = await runService({}, 'proto', '--out', folder);
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining(`${folder}: `) });
  });

  test('writes every proto of the service, into a folder that it makes', async () => {
    expect(await protosIn(folder)).toEqual(expect.arrayContaining(await protosIn('proto')));
  });

  test('writes all that they import, and the details of errors: the folder compiles alone', async () => {
    const written = await protosIn(folder);
    const imported = (await Promise.all(written.map((file) => importsOf(join(folder, file))))).flat();
    expect(written).toEqual(expect.arrayContaining([...imported, 'google/rpc/error_details.proto']));
    await promisify(execFile)('npx', ['buf', 'build', folder]);
  });

  test('writes protos that programs can load without generated code', async () => {
    const written = await protosIn(folder);
    const services = written.filter((file) => file.startsWith('aceup') && file.endsWith('_service.proto'));
    const loaded = await load(services, { includeDirs: [folder], keepCase: true });
    const names = Object.keys(loaded).filter((name) => /^aceup\.scheduler\.v1\.\w+Service$/.test(name));
    expect(names).toHaveLength(services.length);
  });

  test('ends with a sentence when it cannot write', async () => {
    const { code, output } = await runService({}, 'proto', '--out', 'package.json');
    expect(code).toBe(1);
    expect(output).toMatch(/^The protos cannot be written: .*\n$/);
  });
});

describe('writeProtos', () => {
  test('replaces its own files, and leaves others alone', async () => {
    const folder = join(out, 'used', 'aceup/scheduler/v1');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'session.proto'), 'old');
    await writeFile(join(folder, 'other.proto'), 'other');
    await writeProtos(['--out', join(out, 'used')], () => {});
    const session = await readFile('proto/aceup/scheduler/v1/session.proto', 'utf8');
    expect(await readFile(join(folder, 'session.proto'), 'utf8')).toBe(session);
    expect(await readFile(join(folder, 'other.proto'), 'utf8')).toBe('other');
  });

  test.each([
    ['no folder', [], 'Name the folder to write to: proto --out DIR'],
    ['an unknown option', ['--to', 'x'], "Unknown option '--to'"],
  ])('refuses %s', async (_, args, sentence) => {
    await expect(writeProtos(args, () => {})).rejects.toThrow(sentence);
    await expect(writeProtos(args, () => {})).rejects.toThrow(CannotWriteProtos);
  });
});

test.each(await protosIn('proto'))('%s names the generated code for Go and Java as it always did', async (file) => {
  const lines = (await readFile(join('proto', file), 'utf8')).split('\n');
  expect(lines.filter((line) => /^option (go|java)_/.test(line))).toEqual(NAMES);
});
