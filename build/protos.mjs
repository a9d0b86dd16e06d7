/** Which files `scheduler proto` writes: the protos of the service, and all that they import. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['proto', 'node_modules/google-proto-files'];
/** The details that errors carry; no service definition imports them. */
const ERROR_DETAILS = ['google/rpc/error_details.proto', 'google/rpc/status.proto'];

/**
 * Each file by its path in the folder that the command writes, with the path of its source.
 * @param own the protos of the service, by the same paths
 */
export function protosWithImports(own) {
  const found = new Map();
  const wanted = new Set([...own, ...ERROR_DETAILS]);
  // A set also visits what is added during the loop: the imports of imports.
  for (const proto of wanted) {
    const source = FOLDERS.map((folder) => join(folder, proto)).find((path) => existsSync(path));
    if (!source) throw new Error(`${proto} is imported, and is neither in ${FOLDERS.join(' nor in ')}`);
    found.set(proto, source);
    for (const [, imported] of readFileSync(source, 'utf8').matchAll(/^import\s+(?:public\s+|weak\s+)?"(.+)";/gm)) {
      wanted.add(imported);
    }
  }
  return found;
}
