import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCalendar } from '../../src/calendars/read/decode.js';
import { anySeries, linesOf } from './any-series.js';
import { NO_PEER, readByPeer } from './peer.js';
import { calendar, event, NOW, read, ZONE } from './samples.js';

const END = NOW + 400 * 86_400_000;

const found = (text: string, zone = ZONE) => read(text, zone).intervals.map(({ start, end }) => [start, end]);

describe.skipIf(NO_PEER)('Python finds the same', () => {
  test.each(['google', 'outlook', 'apple', 'nextcloud'])('in a document of %s', (name) => {
    const text = decodeCalendar(readFileSync(new URL(`./corpus/${name}.ics`, import.meta.url))).replace('\ufeff', '');
    expect(readByPeer([{ text, from: NOW, to: END }], ZONE)).toEqual([found(text)]);
  });

  // Python lets what has a length in hours end by what clocks show, not after so many hours: only where clocks change.
  test('in series of any kind, in a zone whose clocks do not change', () => {
    const zone = 'Asia/Kolkata';
    const texts = fc.sample(anySeries, { numRuns: 300, seed: 20 }).map((one) => calendar(event(...linesOf(one, zone))));
    const byPeer = readByPeer(
      texts.map((text) => ({ text, from: NOW, to: END })),
      zone,
    );
    expect(texts.map((text) => [text, found(text, zone)])).toEqual(texts.map((text, index) => [text, byPeer[index]]));
  });
});
