import { pathToFileURL } from 'node:url';
import { buildService } from '../support/service-process.js';

/** The compiled worker of the reader of calendars. */
export async function compiledWorker(): Promise<URL> {
  await buildService();
  return pathToFileURL('dist/src/calendars/read/worker.js');
}
