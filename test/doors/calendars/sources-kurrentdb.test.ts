import { beforeAll } from 'vitest';
import { startKurrentdbService } from '../../support/kurrentdb-service.js';
import { buildService } from '../../support/service-process.js';
import { throughEveryDoor } from '../through-every-door.js';
import { calendarSources } from './sources.suite.js';

beforeAll(buildService);

throughEveryDoor(() => startKurrentdbService({ CALENDAR_ALLOW_PRIVATE: 'true' }), [calendarSources]);
