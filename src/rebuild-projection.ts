import type { Logger } from 'pino';
import { rebuildProjection } from '../projections/rebuild.js';
import { sessions } from '../projections/sessions-projection.js';
import type { Config } from './config/config.js';
import { Correctable } from './correctable.js';
import { withStores } from './open-stores.js';

const PROJECTIONS = [sessions];

/** There is no projection of that name. */
export class UnknownProjection extends Correctable {
  override readonly name = 'UnknownProjection';
}

/**
 * Rebuilds a projection from the log; the service may run on the same databases meanwhile. Throws `UnknownProjection`,
 * the signal's reason, and what `rebuildProjection` throws.
 */
export async function rebuild(name: string, config: Config, log: Logger, signal: AbortSignal): Promise<void> {
  const projection = PROJECTIONS.find((one) => one.name === name);
  if (!projection) {
    const names = PROJECTIONS.map((one) => one.name).join(', ');
    throw new UnknownProjection(
      name ? `There is no projection "${name}", only: ${names}.` : `Name a projection: ${names}.`,
    );
  }
  await withStores(config, log, signal, ({ store, url }) => rebuildProjection(projection, { store, url, log, signal }));
}
