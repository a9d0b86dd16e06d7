import { expect, test } from 'vitest';
import { withoutUrl } from '../../../src/calendars/sources/without-url.js';

const URL = 'https://calendar.example/ical/ann%40example.com/private-5ba1e7/basic.ics?token=0123456789&a=b';

test.each([
  [`${URL} cannot be read`, '… cannot be read'],
  ['the server answered 404', 'the server answered 404'],
  [
    'line 3: "X-URL:/ical/ann%40example.com/private-5ba1e7/basic.ics" cannot be read',
    'line 3: "X-URL:…" cannot be read',
  ],
  ['"private-5ba1e7" is no date', '"…" is no date'],
  ['"0123456789" is no date', '"…" is no date'],
  ['"a=b" is no date', '"a=b" is no date'],
])('%s', (sentence, without) => expect(withoutUrl(sentence, URL)).toBe(without));
