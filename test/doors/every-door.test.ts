import { startTestService } from '../support/service.js';
import { everyDoor } from './every-door.suite.js';

everyDoor(() => startTestService());
