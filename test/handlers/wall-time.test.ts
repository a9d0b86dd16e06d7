import { describe, expect, test } from 'vitest';
import { instantOf, moveWith, timeZone, toSecond, wallTime } from '../../src/handlers/wall-time.js';

describe('a wall time', () => {
  test.each(['2026-03-02T09:30', '2026-03-02T09:30:15', '0001-01-01T00:00'])('may be %s', (value) => {
    expect(wallTime('local_start', value)).toBeUndefined();
  });

  test.each([
    '2026-03-02',
    '2026-03-02T09:30Z',
    '2026-03-02T09:30+01:00',
    '2026-03-02T09:30:15.5',
    '2026-02-29T09:30',
    '2026-03-02T24:30',
    '20260302T0930',
    '2026-03-02T09:30[Europe/Zurich]',
  ])('is not %s', (value) => {
    expect(wallTime('local_start', value)).toEqual({
      field: 'local_start',
      description: 'must be a local time such as 2026-03-02T09:30, without a zone or an offset',
    });
  });

  test('is kept to the second', () => {
    expect(toSecond('2026-03-02T09:30')).toBe('2026-03-02T09:30:00');
  });

  test.each([
    ['in winter', 'Europe/Zurich', '2026-01-05T09:30:00', '2026-01-05T08:30:00Z'],
    ['in summer', 'Europe/Zurich', '2026-07-06T09:30:00', '2026-07-06T07:30:00Z'],
    [
      'that clocks are put forward over is an hour later',
      'Europe/Zurich',
      '2026-03-29T02:30:00',
      '2026-03-29T01:30:00Z',
    ],
    ['that comes twice is the first', 'Europe/Zurich', '2026-10-25T02:30:00', '2026-10-25T00:30:00Z'],
    ['that comes twice is the first, in New York', 'America/New_York', '2026-11-01T01:30:00', '2026-11-01T05:30:00Z'],
    ['over which clocks go half an hour', 'Australia/Lord_Howe', '2026-10-04T02:15:00', '2026-10-03T15:45:00Z'],
    ['on a day that a country left out', 'Pacific/Apia', '2011-12-30T09:00:00', '2011-12-30T19:00:00Z'],
  ])('%s', (_, zone, time, instant) => {
    expect(new Date(instantOf(time, zone)).toISOString()).toBe(instant.replace('Z', '.000Z'));
  });

  test.each([
    ['later in the week, at another time', '2026-03-09T09:30:00', '2026-03-04T14:00:00', '2026-03-11T14:00:00'],
    ['earlier, over the end of a month', '2026-04-01T09:30:00', '2026-02-27T09:30:00', '2026-03-29T09:30:00'],
    ['by the time of day alone', '2026-03-30T09:30:00', '2026-03-02T08:00:00', '2026-03-30T08:00:00'],
  ])('moves with the first: %s', (_, time, to, expected) => {
    expect(moveWith(time, '2026-03-02T09:30:00', to)).toBe(expected);
  });
});

describe('a time zone', () => {
  test.each(['Europe/Zurich', 'UTC', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])('may be %s', (zone) => {
    expect(timeZone('time_zone', zone)).toBeUndefined();
  });

  test.each(['+02:00', 'Mars/Olympus', 'Europe/', '../etc', 'Europe/Zurich '])('is not %s', (zone) => {
    expect(timeZone('time_zone', zone)).toEqual({
      field: 'time_zone',
      description: 'must be an IANA time zone such as Europe/Zurich',
    });
  });

  test('is required', () => {
    expect(timeZone('time_zone', '')).toEqual({ field: 'time_zone', description: 'is required' });
  });
});
