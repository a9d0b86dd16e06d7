/** The stand-in for a KurrentDB node as a process of its own: `bench/kurrentdb.ts` starts it when there is no node. */
import { startKurrentdbStandIn } from '../test/support/kurrentdb-stand-in/stand-in.js';

const standIn = await startKurrentdbStandIn();
process.send?.(standIn.url);
process.on('disconnect', () => process.exit());
