import { startKurrentdbService } from '../support/kurrentdb-service.js';
import { offering } from './offering.suite.js';

offering(startKurrentdbService);
