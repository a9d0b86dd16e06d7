/**
 * A mistake that the person at the terminal can correct. The message is all that they see, without a stack: it says what
 * is wrong with which value, and what to do.
 */
export class Correctable extends Error {
  override readonly name: string = 'Correctable';
}

/** The options of a command are wrong. */
export class NotUnderstood extends Correctable {
  override readonly name = 'NotUnderstood';
}
