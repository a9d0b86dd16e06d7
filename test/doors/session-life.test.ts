import { startTestService } from '../support/service.js';
import { sessionLife } from './session-life.suite.js';

sessionLife(() => startTestService());
