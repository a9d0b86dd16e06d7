import { createRandom } from '../model/random.js';
import { type AttackLayer, type Door, LAYERS, type Layer, type NumberedAttack, pick } from './attack.js';
import { bytes } from './layers/bytes.js';
import { crowds } from './layers/crowds.js';
import { frames } from './layers/frames.js';
import { headers } from './layers/headers.js';
import { json } from './layers/json.js';
import { protobuf } from './layers/protobuf.js';
import { semantics } from './layers/semantics.js';
import { streams } from './layers/streams.js';
import type { World } from './world.js';

const LAYER: Readonly<Record<Layer, AttackLayer>> = {
  bytes,
  frames,
  headers,
  json,
  protobuf,
  semantics,
  streams,
  crowds,
};

/** Which attacks a run makes. */
export interface Choice {
  readonly seed: number;
  /** The door to attack; any when undefined. */
  readonly door: Door | undefined;
  /** The share of attacks that are crowds, 0 to 1: each has hundreds of requests. */
  readonly crowds: number;
}

/** The attack of this number: in the same world always the same. */
export function attackOf({ seed, door: only, crowds }: Choice, nr: number, world: World): NumberedAttack {
  const random = createRandom(Math.imul(seed, 0x9e3779b1) + nr);
  const isCrowd = random.chance(crowds);
  const layers = LAYERS.filter((layer) => (layer === 'crowds') === isCrowd);
  const layer = pick(
    random,
    layers.filter((one) => !only || LAYER[one].doors.includes(only)),
  );
  const door = only ?? pick(random, LAYER[layer].doors);
  const attack = LAYER[layer].attack(random, world, door);
  // All callers have one address, so that a crowd has the others wait, perhaps for too long.
  return { ...attack, hasDeadline: attack.hasDeadline || crowds > 0, nr, layer };
}
