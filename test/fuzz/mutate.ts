import { anyRequest } from '../hostile/values.js';
import type { World } from '../hostile/world.js';
import type { Random } from '../model/random.js';
import type { Sendable } from './sendable.js';

/** What mutations take their values from. */
export interface Given {
  readonly random: Random;
  readonly world: World;
}

/** Changes a request; undefined where it does not apply. */
export type Mutate = (sendable: Sendable, given: Given) => Sendable | undefined;

/** Another request for the same method, about anybody. */
export const another = ({ method }: Sendable, { random, world }: Given) => anyRequest(method.input, random, world, 0);

/** A name of protobuf as JSON has it. */
export const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
