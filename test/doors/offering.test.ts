import { startTestService } from '../support/service.js';
import { offering } from './offering.suite.js';

offering(() => startTestService());
