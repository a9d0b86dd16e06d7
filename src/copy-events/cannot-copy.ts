import { Correctable } from '../correctable.js';

/** The copy cannot be made, or differs from its source. The message is a sentence that says why. */
export class CannotCopy extends Correctable {
  override readonly name = 'CannotCopy';
}
