import { pause } from '../../src/waiting.js';
import { type FaultKind, type PlannedFault, WEIGHTS } from './schedule.js';
import type { World } from './world.js';

/** The kinds of fault that a world can suffer, and a sentence for each that it cannot. */
export function kindsFor({ database }: World): { readonly kinds: FaultKind[]; readonly leftOut: string[] } {
  const all = Object.keys(WEIGHTS) as FaultKind[];
  if (database.canFill) return { kinds: all, leftOut: [] };
  return {
    kinds: all.filter((kind) => kind !== 'disk full'),
    leftOut: ['disk full is left out: this process may not mount a file system of a limited size'],
  };
}

/** Lets a fault happen, and resolves when it is over. What it broke may need time to recover. */
export async function inflict(world: World, fault: PlannedFault): Promise<void> {
  const { database, kurrentdb } = world;
  const { lasts, detail } = fault;
  const service = world.services[fault.service]!;
  const own = world.links[fault.service]!;
  const links = own.filter((_, nr) => own.length === 1 || detail % 3 === 2 || nr === detail % 3);
  const heal = () => {
    for (const link of links) link.heal();
  };

  await pause(fault.after);
  switch (fault.kind) {
    case 'kill service':
      await service.end('SIGKILL');
      await pause(lasts);
      return service.start();
    case 'stop service':
      await service.end('SIGTERM');
      return service.start();
    case 'freeze service':
    case 'freeze service beyond its lease':
      service.signal('SIGSTOP');
      await pause(lasts);
      return service.signal('SIGCONT');
    case 'stall':
      for (const link of links) link.stall();
      await pause(lasts);
      return heal();
    case 'reset':
      for (const link of links) link.cut();
      return pause(lasts);
    case 'half-open':
      for (const link of links) link.halfOpen();
      await pause(lasts + 3_000);
      return heal();
    case 'blackhole':
      for (const link of links) link.blackhole();
      await pause(lasts);
      return heal();
    case 'lost answer':
      if (kurrentdb && detail % 2 === 0) {
        loseOneAnswer(kurrentdb);
        return pause(lasts);
      }
      // Two names of prepared statements: that of appends, and that of the steps of the projection.
      own[0]!.loseAnswerTo(detail % 4 === 1 ? '\0save progress' : '\0append\0');
      await pause(lasts);
      return own[0]!.heal();
    case 'end backends':
      // Not while Postgres recovers from another fault: then there are none.
      await database.endBackends().catch(() => {});
      return pause(lasts);
    case 'kill database':
      if (kurrentdb && detail % 2 === 0) {
        return kurrentdb.restart(detail % 4 === 0 ? 'kept' : 'lost', lasts);
      }
      database.kill();
      await pause(lasts);
      return database.bringUp();
    case 'disk full':
      await database.fill();
      await pause(lasts);
      return database.empty();
    case 'read-only':
      await database.setReadOnly(true);
      await pause(lasts);
      return database.setReadOnly(false);
    case 'clock jump':
      service.setClock(jumpOf(detail));
      await pause(lasts);
      return service.setClock(detail % 2 === 0 ? 0 : jumpOf(detail) / 2);
    default:
      throw fault.kind satisfies never;
  }
}

function loseOneAnswer(kurrentdb: NonNullable<World['kurrentdb']>): void {
  kurrentdb.faults = {
    call(method) {
      if (method !== 'append' && method !== 'batchAppend') return undefined;
      kurrentdb.faults = {};
      return 'cutAfter';
    },
  };
}

/** From two hours back to two hours ahead, in milliseconds. */
function jumpOf(detail: number): number {
  return Math.round((detail / 1_000 - 0.5) * 4 * 3_600_000);
}
