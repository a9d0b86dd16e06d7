import { startKurrentdbStandIn } from '../support/kurrentdb-stand-in/stand-in.js';
import { startTestService } from '../support/service.js';
import { everyDoor } from './every-door.suite.js';

everyDoor(async () => {
  const url = process.env['KURRENTDB_URL'];
  if (url) return startTestService(url);

  const standIn = await startKurrentdbStandIn();
  const service = await startTestService(standIn.url);
  return {
    ...service,
    stop: async () => {
      await service.stop();
      await standIn.stop();
    },
  };
});
