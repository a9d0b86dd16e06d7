import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Place } from '../../../src/feeds/place.js';
import { partitionOf } from '../../../src/feeds/sinks/kafka/kafka-record.js';
import type { PartitionEnd } from '../../../src/feeds/sinks/kafka/last-record.js';
import { whereItWas } from '../../../src/feeds/sinks/kafka/where-it-was.js';

const NEW = { isCut: false, last: undefined };
const EMPTIED = { isCut: true, last: undefined };

/** A partition whose last record tells a change of a coach. */
function endingAt(position: bigint, coach = 'carol') {
  const headers = {
    ce_id: `event-${position}`,
    ce_partitionkey: coach,
    ce_sequence: String(position).padStart(19, '0'),
  };
  return { isCut: false, last: { value: Buffer.from('{"revision":"0"}'), headers: Object.entries(headers) } };
}

const place = (position: bigint): Place => ({ id: `event-${position}`, coachHashId: 'carol', position, revision: 0 });

function found(partitions: Parameters<typeof whereItWas>[1], saved?: Place, moved = 0n) {
  const warnings: unknown[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void warnings.push(JSON.parse(line)) });
  const positionOf = async ({ position }: Place) => position + moved;
  return whereItWas('changes', partitions, { saved, positionOf, log }).then((after) => ({ after, warnings }));
}

test('a topic to which nothing was written is filled from the beginning, whatever the cursor says', async () => {
  expect(await found([NEW, NEW], place(7n))).toMatchObject({ after: 0n });
});

test('the topic goes on after the newest of its last records', async () => {
  expect(await found([endingAt(3n), NEW, endingAt(5n)])).toMatchObject({ after: 5n });
});

test('positions are those of this log', async () => {
  expect(await found([endingAt(3n), endingAt(5n)], undefined, 100n)).toMatchObject({ after: 105n });
});

test('the cursor counts when retention has emptied a partition', async () => {
  expect(await found([endingAt(3n), EMPTIED], place(7n))).toMatchObject({ after: 7n });
  expect(await found([endingAt(3n), EMPTIED], place(2n))).toMatchObject({ after: 3n });
  expect(await found([EMPTIED, EMPTIED], place(7n))).toMatchObject({ after: 7n });
});

test('without a cursor, nobody can tell what was in a topic that retention has emptied', async () => {
  await expect(found([EMPTIED, EMPTIED])).rejects.toThrow(/^retention has emptied the topic changes, and there is no/);
});

test('a coach in another partition than the partitioner says: partitions were added', async () => {
  const at = partitionOf('carol', 3);
  const partitions: PartitionEnd[] = [NEW, NEW, NEW];
  expect((await found(partitions.with(at, endingAt(1n)))).warnings).toEqual([]);
  const told = await found(partitions.with((at + 1) % 3, endingAt(1n)));
  expect(told.warnings).toMatchObject([{ msg: expect.stringMatching(/^partitions were added to the topic/) }]);
});
