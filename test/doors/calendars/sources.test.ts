import { beforeAll } from 'vitest';
import { startTestService } from '../../support/service.js';
import { buildService } from '../../support/service-process.js';
import { throughEveryDoor } from '../through-every-door.js';
import { calendarSources } from './sources.suite.js';

beforeAll(buildService);

throughEveryDoor(() => startTestService(undefined, { CALENDAR_ALLOW_PRIVATE: 'true' }), [calendarSources]);
