import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { buildService } from './support/service-process.js';

/** What a checkout needs for its build, beside the packages. */
const PARTS = ['src', 'projections', 'proto', 'build', 'bin', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];

beforeAll(buildService);

/** A copy of this checkout, with what is built. `withCompiler`: with the packages that only the build needs. */
async function checkout({ withCompiler = true, built = true } = {}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'scheduler-build-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  for (const part of built ? [...PARTS, 'dist'] : PARTS) await cp(part, join(directory, part), { recursive: true });
  await mkdir(join(directory, 'node_modules'));
  for (const name of await readdir('node_modules')) {
    const isCompiler = name === 'typescript' || name === '@typescript';
    if (withCompiler || !isCompiler)
      await symlink(resolve('node_modules', name), join(directory, 'node_modules', name));
  }
  return directory;
}

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

function run(directory: string, file: string, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], { cwd: directory }, (error, output, errors) =>
      resolve({ code: error ? Number(error.code) : 0, output, errors }),
    );
  });
}

const isBuilt = { code: 0, output: '', errors: '' };

test('what was built is not built again, so that it needs no compiler', async () => {
  const directory = await checkout({ withCompiler: false });
  expect(await run(directory, 'build/build.mjs', '--if-stale')).toEqual(isBuilt);
});

test('what was changed is built again, and what was removed is removed', async () => {
  const directory = await checkout();
  await writeFile(join(directory, 'src/added.ts'), 'export const added: number = 1;\n');
  await writeFile(join(directory, 'dist/src/old.js'), '');
  expect(await run(directory, 'build/build.mjs', '--if-stale')).toEqual(isBuilt);
  expect(await readFile(join(directory, 'dist/src/added.js'), 'utf8')).toContain('added = 1');

  await rm(join(directory, 'src/added.ts'));
  expect(await run(directory, 'build/build.mjs', '--if-stale')).toEqual(isBuilt);
  const left = await readdir(join(directory, 'dist/src'));
  expect(left.filter((name) => /added|old/.test(name))).toEqual([]);
});

test('what is missing in dist is made again', async () => {
  const directory = await checkout();
  await rm(join(directory, 'dist/src/config/config.js'));
  expect(await run(directory, 'build/build.mjs', '--if-stale')).toEqual(isBuilt);
  expect(await readdir(join(directory, 'dist/src/config'))).toContain('config.js');
});

test('without a compiler, sources that changed are a sentence', async () => {
  const directory = await checkout({ withCompiler: false });
  await writeFile(join(directory, 'src/added.ts'), '');
  const again = await run(directory, 'build/build.mjs', '--if-stale');
  expect(again).toMatchObject({ code: 1, output: '' });
  expect(again.errors).toMatch(/^Dist\/ was made from other sources, and the compiler is not installed\. Run .*\n$/);
});

test('without a compiler, a checkout that is not built is a sentence', async () => {
  const directory = await checkout({ withCompiler: false, built: false });
  const never = await run(directory, 'build/build.mjs', '--if-stale');
  expect(never.errors).toMatch(/^The service is not built, and the compiler is not installed\. Run .*\n$/);
});

test('a command of a checkout that is not built is a sentence', async () => {
  const directory = await checkout({ built: false });
  const ended = await run(directory, 'bin/scheduler.mjs', 'start');
  expect(ended).toEqual({
    code: 1,
    output: '',
    errors: 'The service is not built. Run `npm ci && npm run build`, then this command again.\n',
  });
});

test('a build that fails is not taken for one', async () => {
  const directory = await checkout();
  await writeFile(join(directory, 'src/added.ts'), "export const added: number = 'text';\n");
  expect(await run(directory, 'build/build.mjs', '--if-stale')).toMatchObject({ code: 1 });
  expect(await run(directory, 'build/build.mjs', '--if-stale')).toMatchObject({
    code: 1,
    errors: 'The build failed: see above.\n',
  });
});
