import pino from 'pino';
import { readConfig } from '../../src/config.js';
import { type Service, startService } from '../../src/main.js';
import { createTestDatabase } from './database.js';

/** The whole service in this process, on a database of its own, its doors at free ports. */
export interface TestService extends Service {
  readonly databaseUrl: string;
}

/** @param env settings besides those that a test needs */
export async function startTestService(env: Record<string, string> = {}): Promise<TestService> {
  const { url, drop } = await createTestDatabase();
  const config = readConfig({ PORT: '0', GRPC_PORT: '0', EVENT_STORE_URL: url, ...env });
  const service = await startService(config, pino({ level: 'silent' }), new AbortController().signal);
  return {
    ...service,
    databaseUrl: url,
    stop: async () => {
      await service.stop();
      await drop();
    },
  };
}
