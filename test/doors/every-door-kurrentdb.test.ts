import { startKurrentdbService } from '../support/kurrentdb-service.js';
import { everyDoor } from './every-door.suite.js';

everyDoor(startKurrentdbService);
