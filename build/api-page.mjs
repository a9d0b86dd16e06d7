/**
 * Writes src/doors/gateway/openapi/page.js.gz: the script of the page at /docs, one file of a package that only the build
 * needs. The service sends it as it is, since all browsers take gzip.
 */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const TARGET = fileURLToPath(new URL('../src/doors/gateway/openapi/page.js.gz', import.meta.url));

/**
 * Writes the script, unless what is there is newer than the package, or the package is no longer installed. Throws
 * MODULE_NOT_FOUND when there is neither.
 */
export function writeApiPage() {
  const source = join(dirname(mainFile()), 'js/standalone.js');
  if (existsSync(TARGET) && (!existsSync(source) || statSync(TARGET).mtimeMs > statSync(source).ctimeMs)) return;
  // The map to the sources is not served.
  const script = readFileSync(source, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
  writeFileSync(TARGET, gzipSync(script, { level: 9 }));
}

function mainFile() {
  try {
    return createRequire(import.meta.url).resolve('@scalar/fastify-api-reference');
  } catch (error) {
    if (existsSync(TARGET)) return '';
    throw error;
  }
}
