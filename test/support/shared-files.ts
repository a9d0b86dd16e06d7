import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folders whose test files may follow each other in one process, which imports the service once for all. */
const FOLDERS = [
  ...['application', 'calendars', 'domain', 'event-store', 'handlers', 'json', 'outbound', 'wire'],
  ...['authentication', 'doors/gateway', 'feeds', 'projections'],
].map((name) => join('test', name));

/**
 * What a file says that changes the process, or measures it: doubles and clocks of Vitest, the environment, heap, event
 * loop and processor time. Such a file has a process of its own.
 */
const ALONE =
  /\bvi\.|process\.(env|chdir|on|once|cpuUsage|memoryUsage)\b|globalThis|monitorEventLoop|event loop|\/heap\.js/;

/** The test files that share processes. */
export function sharedFiles(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => join(folder, name)),
  ).filter((path) => !ALONE.test(readFileSync(path, 'utf8')));
}
