import { expect, test } from 'vitest';
import { ArrayWriter, CopyWriter, OID } from '../../src/postgres/binary-writer.js';

const HEADER_AND_END = 21;

test.each<[kind: string, write: (to: CopyWriter) => void, bytes: number]>([
  ['rows', (to) => to.beginRow(0), 2],
  ['nulls', (to) => to.null(), 4],
  ['numbers of 32 bits', (to) => to.int32(1), 8],
  ['numbers of 64 bits', (to) => to.int64(1n), 12],
  ['numbers of 64 bits that are exact to 2^53', (to) => to.safeInt64(1), 12],
  ['thousands', (to) => to.thousands(1), 12],
  ['short texts', (to) => to.text('ann'), 7],
  ['long texts', (to) => to.text('a'.repeat(100)), 104],
  ['UUIDs', (to) => to.uuid('01890000-0000-7000-8000-00000000000f'), 20],
])('there is room for any number of %s', (_, write, bytes) => {
  const writer = new CopyWriter();
  for (let n = 0; n < 50_000; n += 1) write(writer);
  expect(writer.end()).toHaveLength(HEADER_AND_END + 50_000 * bytes);
});

test('arrays come in the order in which they were begun, each with its elements', () => {
  const to = new ArrayWriter();
  to.beginArray(OID.integer, 2);
  to.int32(7);
  to.null();
  to.beginArray(OID.text, 0);
  to.beginArray(OID.jsonb, 1);
  to.jsonb('{}');
  expect(to.end().map((array) => array.toString('hex'))).toEqual([
    `00000001${'00000001'}00000017${'00000002'}00000001${'0000000400000007'}ffffffff`,
    '000000000000000100000019',
    `00000001${'00000001'}00000eda${'00000001'}00000001${'00000003017b7d'}`,
  ]);
});
