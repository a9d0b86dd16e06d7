import { startKurrentdbService } from '../support/kurrentdb-service.js';
import { sessionLife } from './session-life.suite.js';

sessionLife(startKurrentdbService);
