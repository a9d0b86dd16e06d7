import { startKurrentdbStandIn } from './kurrentdb-stand-in/stand-in.js';
import { startTestService, type TestService } from './service.js';

/** The whole service with its events in KurrentDB: in the node that `KURRENTDB_URL` names, else in a stand-in. */
export async function startKurrentdbService(settings: Readonly<Record<string, string>> = {}): Promise<TestService> {
  const url = process.env['KURRENTDB_URL'];
  if (url) return startTestService(url, settings);

  const standIn = await startKurrentdbStandIn();
  const service = await startTestService(standIn.url, settings);
  return {
    ...service,
    stop: async () => {
      await service.stop();
      await standIn.stop();
    },
  };
}
