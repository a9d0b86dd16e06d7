/** Why a document is refused. */
export type Refused =
  | 'not a calendar'
  | 'empty'
  | 'cut off'
  | 'unreadable'
  | 'unknown charset'
  | 'unknown zone'
  | 'too large'
  | 'too many intervals'
  | 'too much work';

/** A document whose busy times cannot be told. The message is a sentence for the person who sent it. */
export class CalendarRefused extends Error {
  override readonly name = 'CalendarRefused';

  /**
   * @param sentence what is wrong, without the line
   * @param line where in the document, from 1; undefined when the whole of it is meant
   */
  constructor(
    readonly why: Refused,
    readonly sentence: string,
    readonly line?: number,
  ) {
    super(line === undefined ? sentence : `line ${line}: ${sentence}`);
  }
}

/** The part of a text that a message shows, in quotes. */
export function quoted(text: string): string {
  return `"${shortened(text, 80)}"`;
}

/** A text as a message may have it: printable, and not longer than a number of characters. */
export function shortened(text: string, most: number): string {
  const printable = text.replace(/[^\x20-\x7e\xa0-\u{10ffff}]+/gu, ' ').trim();
  return printable.length > most ? `${printable.slice(0, most - 1)}…` : printable;
}
