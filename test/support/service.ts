import { type Logger, pino } from 'pino';
import { readConfig } from '../../src/config/config.js';
import { type Service, startService } from '../../src/main.js';
import { createTestDatabase } from './database.js';

/** The whole service in this process, on a database of its own, its doors at free ports. */
export interface TestService extends Service {
  readonly databaseUrl: string;
}

/**
 * @param eventStoreUrl where the events go; by default into the test's own database, where the read model is
 * @param settings others than the default ones, by the names of their variables
 */
export async function startTestService(
  eventStoreUrl?: string,
  settings: Readonly<Record<string, string>> = {},
  log: Logger = pino({ level: 'silent' }),
): Promise<TestService> {
  const { url, drop } = await createTestDatabase();
  const urls = { EVENT_STORE_URL: eventStoreUrl ?? url, READ_MODEL_URL: url };
  const config = readConfig({ PORT: '0', GRPC_PORT: '0', SHUTDOWN_DRAIN_MS: '0', ...urls, ...settings });
  const service = await startService(config, log, new AbortController().signal);
  return {
    ...service,
    databaseUrl: url,
    stop: async () => {
      await service.stop();
      await drop();
    },
  };
}
