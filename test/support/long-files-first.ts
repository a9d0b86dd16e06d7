import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files that take 15 s or more, the longest first. In a fresh clone, where nothing is known of earlier runs, the
 * size of a file says little: one that runs a suite of another file is small.
 */
const LONG = [
  'test/service/service',
  'test/faults/sinks-faults',
  'test/feeds/sinks/kafka-refusals',
  'test/service/store-unavailable',
  'test/service/failed-start',
  'test/hostile/worst-input',
  'test/feeds/sinks/kafka',
  'test/service/tls',
  'test/service/webhook-processes',
  'test/projections/runner',
  'test/doors/session-life-kurrentdb',
  'test/build',
  'test/service/embedded-postgres',
  'test/service/sinks',
  'test/service/secrets',
  'test/feeds/sinks/redis',
  'test/doors/offering-kurrentdb',
  'test/service/watch',
  'test/doors/session-life',
  'test/doors/watch/own-changes',
  'test/authentication/jwt/key-url',
  'test/verify/verify',
  'test/contract/kurrentdb-faults',
].map((name) => `${name}.test.ts`);

/**
 * Starts what takes long first, lest the last of it run alone; then the rest as usual, and last the files that share
 * processes: a process is handed on only from one such file to the next.
 */
export class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification) => {
      if (!project.config.isolate) return LONG.length + 1;
      const place = LONG.indexOf(relative(this.ctx.config.root, moduleId));
      return place < 0 ? LONG.length : place;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
