import { createRandom } from '../model/random.js';
import { type Attack, type AttackLayer, type Door, LAYERS, type Layer, pick } from './attack.js';
import { bytes } from './layers/bytes.js';
import { frames } from './layers/frames.js';
import { headers } from './layers/headers.js';
import { json } from './layers/json.js';
import { protobuf } from './layers/protobuf.js';
import { semantics } from './layers/semantics.js';
import type { World } from './world.js';

const LAYER: Readonly<Record<Layer, AttackLayer>> = { bytes, frames, headers, json, protobuf, semantics };

/** An attack of a run, with what to call it again by. */
export interface NumberedAttack extends Attack {
  readonly nr: number;
  readonly layer: Layer;
}

/**
 * The attack of this number: in the same world always the same for a seed.
 * @param only the door to attack; any when undefined
 */
export function attackOf(seed: number, nr: number, world: World, only?: Door): NumberedAttack {
  const random = createRandom(Math.imul(seed, 0x9e3779b1) + nr);
  const layers = LAYERS.filter((layer) => !only || LAYER[layer].doors.includes(only));
  const layer = pick(random, layers);
  const door = only ?? pick(random, LAYER[layer].doors);
  return { ...LAYER[layer].attack(random, world, door), nr, layer };
}
