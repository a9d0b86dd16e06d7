/**
 * Makes dist/ from the sources: compiles, copies what the service reads at run time and the compiler ignores (SQL,
 * descriptors, zone rules, protos, the script of a page), and removes what no source stands for any more. With
 * --if-stale: only when dist/ was made from other sources, and says in a sentence what to do when it cannot.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeApiPage } from './api-page.mjs';
import { protosWithImports } from './protos.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const FOLDERS = ['src', 'projections'];
const SCRIPTS = ['build/build.mjs', 'build/api-page.mjs', 'build/protos.mjs'];
const SETTINGS = ['tsconfig.json', 'tsconfig.build.json', ...SCRIPTS];
/** What dist/ was made from. */
const MARK = 'dist/.made-from';
const COMPILER_MEMORY = 'dist/.tsbuildinfo';

/** The files below a folder, with their paths. None if there is no such folder. */
function filesIn(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

orExplain(writeApiPage);
const sources = FOLDERS.flatMap(filesIn).sort();
const protos = filesIn('proto').sort();
const assets = sources.filter((file) => /\.(sql|binpb|zi|gz)$/.test(file));
const made = new Set([
  ...protos.map((file) => join('dist', file)),
  ...assets.map((file) => join('dist', file)),
  ...sources
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => ['.js', '.js.map'].map((ending) => join('dist', file.replace(/\.ts$/, ending)))),
]);

function digestOfSources() {
  const digest = createHash('sha256');
  for (const file of [...SETTINGS, ...sources, ...protos])
    digest.update(`${file}\0`).update(readFileSync(file)).update('\0');
  return digest.digest('hex');
}

function isFresh(digest) {
  const before = existsSync(MARK) ? readFileSync(MARK, 'utf8') : '';
  return before === digest && [...made].every((file) => existsSync(file));
}

function compile() {
  // The compiler does not make again what it remembers to have made.
  if (![...made].every((file) => existsSync(file))) rmSync(COMPILER_MEMORY, { force: true });
  const tsc = createRequire(import.meta.url).resolve('typescript/package.json');
  execFileSync(process.execPath, [join(dirname(tsc), 'bin/tsc'), '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
}

function copy(source, target) {
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(source, target);
}

function copyProtos() {
  const withImports = protosWithImports(protos.map((file) => relative('proto', file)));
  for (const [proto, source] of withImports) copy(source, join('dist/proto', proto));
  for (const file of filesIn('dist/proto')) {
    if (!withImports.has(relative('dist/proto', file))) rmSync(file, { force: true });
  }
}

function build(digest) {
  compile();
  for (const file of assets) copy(file, join('dist', file));
  copyProtos();
  for (const file of FOLDERS.flatMap((folder) => filesIn(join('dist', folder)))) {
    if (!made.has(file)) rmSync(file, { force: true });
  }
  writeFileSync(MARK, digest);
}

/** What the person at the terminal can do about an error, in a sentence; undefined for a defect. */
function adviceOn({ code, path, status }) {
  const made = existsSync('dist/src/cli.js') ? 'dist/ was made from other sources' : 'the service is not built';
  if (code === 'MODULE_NOT_FOUND') {
    return `${made}, and the compiler is not installed. Run \`npm ci && npm run build\`; then \`npm ci --omit=dev\` may remove the compiler again.`;
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return `${made}, and ${path} cannot be written (${code}). Run \`npm run build\` as a user who may write to dist/, before the start.`;
  }
  // The compiler has said what is wrong.
  return status ? 'The build failed: see above.' : undefined;
}

/** Does the work; when it fails, says why and ends the process. */
function orExplain(work) {
  try {
    work();
  } catch (error) {
    const advice = adviceOn(error);
    console.error(advice ? advice[0].toUpperCase() + advice.slice(1) : error);
    process.exit(1);
  }
}

const digest = digestOfSources();
if (!process.argv.includes('--if-stale') || !isFresh(digest)) {
  orExplain(() => {
    // Before the compiler, whose own errors say less.
    mkdirSync('dist', { recursive: true });
    writeFileSync(MARK, '');
    build(digest);
  });
}
