import { beforeAll } from 'vitest';
import { startTestService } from '../../support/service.js';
import { buildService } from '../../support/service-process.js';
import { throughEveryDoor } from '../through-every-door.js';
import { sizes } from './sizes.suite.js';
import { calendarSync } from './sync.suite.js';

beforeAll(buildService);

throughEveryDoor(() => startTestService(), [calendarSync, sizes]);
