import type { JsonObject } from '@bufbuild/protobuf';
import { expect } from 'vitest';
import type { Method } from './samples.js';

/** A request with a mistake, and what is told of it: the fields, and the rules that they break. */
export type Mistake = [what: string, method: Method, request: JsonObject, ...told: [field: string, rule: string][]];

/** A coach whom no mistake leaves a trace of. */
export const coach_hash_id = 'the-coach';
export const ZONE_RULE = expect.stringMatching(/^must be the IANA name of a time zone, such as Europe\/Zurich/);
export const HASH_ID_RULE = 'must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ | = + / -';
export const DURATION_RULE = 'must be whole minutes, 1 to 1440';
export const DATE_RULE = 'must be a date of the calendar, such as 2030-12-24';
export const TIMES_OR_DATES = 'must have either `start` and `end`, or `first_date` and `last_date`';
