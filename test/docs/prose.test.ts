import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const MAX_LENGTH = 120;
const COMMENTED = ['src', 'projections', 'test', 'bench', 'proto', 'clients/typescript/src', 'clients/typescript/test'];

// A page in another folder: add the folder here. bench/results is left out, since a program writes it.
const PAGES = ['.', 'bench', 'clients/typescript']
  .flatMap((folder) => filesIn(folder, 1))
  .concat(filesIn('docs'))
  .filter((path) => path.endsWith('.md'));
const SOURCES = COMMENTED.flatMap((folder) => filesIn(folder)).filter(
  (path) => /\.(ts|mjs|sql|proto|lua)$/.test(path) && !/^(clients\/typescript\/)?src\/gen\//.test(path),
);
// This page reports runs of the past: its tables name files as they were then.
const REPORT = 'docs/mutation.md';

describe('prose has lines of at most 120 characters', () => {
  test.each(PAGES)('%s', (page) => {
    expect(tooLong(page, proseOf(textOf(page)))).toEqual([]);
  });

  test('the comments in the code', () => {
    expect(SOURCES.flatMap((source) => tooLong(source, commentsOf(textOf(source))))).toEqual([]);
  });
});

describe('what a page names exists', () => {
  test.each(PAGES.filter((page) => page !== REPORT))('files and folders: %s', (page) => {
    expect(pathsIn(textOf(page)).filter((path) => !existsSync(path))).toEqual([]);
  });

  test.each(PAGES)('links: %s', (page) => {
    const linked = linksIn(textOf(page)).map((target) => join(dirname(page), target));
    expect(linked.filter((path) => !existsSync(path))).toEqual([]);
  });
});

describe('the checks see what they should', () => {
  const long = 'long '.repeat(30);

  test('a paragraph counts, a table, a code block and the address of a link do not', () => {
    const text = ['short', long, `| ${long} |`, '```', long, '```', `[text](https://example.com/${'x'.repeat(120)})`];
    expect(tooLong('page.md', proseOf(text.join('\n')))).toEqual([`page.md:2: ${long.length} characters`]);
  });

  test('a comment counts, code does not', () => {
    const text = [`// ${long}`, `const text = '${long}';`, `/** ${long} */`, ` * ${long}`, `-- ${long}`];
    expect(commentsOf(text.join('\n')).map(({ number }) => number)).toEqual([1, 3, 4, 5]);
    expect(tooLong('code.ts', commentsOf(text.join('\n')))).toHaveLength(4);
  });

  test('the indentation and the marks of a comment do not count', () => {
    expect(commentsOf('    /** Ends. */').map(({ text }) => text)).toEqual(['Ends.']);
  });

  test('a path counts, the same words in another path do not', () => {
    const text = 'See `src/main.ts`, test/model and dist/src/cli.js.';
    expect(pathsIn(text)).toEqual(['src/main.ts', 'test/model']);
  });
});

interface Line {
  readonly number: number;
  readonly text: string;
}

/** The paths of all files below a folder, from the root of the repository. */
function filesIn(folder: string, depth = Number.POSITIVE_INFINITY): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return [path];
    return depth > 1 && entry.isDirectory() && entry.name !== 'node_modules' ? filesIn(path, depth - 1) : [];
  });
}

function textOf(path: string): string {
  return readFileSync(path, 'utf8');
}

function linesOf(text: string): Line[] {
  return text.split('\n').map((line, index) => ({ number: index + 1, text: line }));
}

/** The lines of a page outside code blocks and tables. */
function proseOf(text: string): Line[] {
  let inBlock = false;
  return linesOf(text).filter((line) => {
    const isFence = line.text.trimStart().startsWith('```');
    if (isFence) inBlock = !inBlock;
    return !isFence && !inBlock && !line.text.startsWith('|');
  });
}

/** The prose of the comments in code, without indentation and marks. */
function commentsOf(text: string): Line[] {
  return linesOf(text).flatMap((line) => {
    const [, prose] = /^\s*(?:\/\/|\/?\*+|--)\s?(.*?)(?:\s*\*\/)?$/.exec(line.text) ?? [];
    return prose === undefined ? [] : [{ ...line, text: prose }];
  });
}

/** An address cannot be broken, so it does not count. */
function tooLong(path: string, lines: readonly Line[]): string[] {
  return lines
    .map(({ number, text }) => ({ number, length: text.replaceAll(/\]\([^)]*\)|https?:\S+/g, '').length }))
    .filter(({ length }) => length > MAX_LENGTH)
    .map(({ number, length }) => `${path}:${number}: ${length} characters`);
}

/** What looks like a path from the root of the repository. */
function pathsIn(text: string): string[] {
  return text.match(/(?<![\w/.-])(?:src|projections|test|bench|docs|proto|build)\/[\w./-]*[\w/]/g) ?? [];
}

/** The targets of links to files. */
function linksIn(text: string): string[] {
  return [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
}
