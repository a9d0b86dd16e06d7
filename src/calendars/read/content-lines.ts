/** A line of a document, as it was before it was folded. */
export interface ContentLine {
  /** Where it begins in the document, from 1. */
  readonly number: number;
  /** In upper case: `DTSTART`. */
  readonly name: string;
  /** All of it, with the name. */
  readonly text: string;
}

/** Some programs end lines with two carriage returns. */
const LINE_END = /\r{0,2}\n|\r/;
const NAME = /^([A-Za-z0-9-]+)[;:]/;

/**
 * The lines of a document that have a name and a value. Others are passed over: programs exist that break descriptions
 * without folding them.
 */
export function contentLines(text: string): ContentLine[] {
  const lines: ContentLine[] = [];
  /** The line that may go on, and its number. */
  let parts: string[] = [];
  let begun = 0;
  const add = () => {
    const whole = parts.join('');
    const name = NAME.exec(whole)?.[1];
    if (name !== undefined) lines.push({ number: begun, name: name.toUpperCase(), text: whole });
  };
  for (const [index, line] of text.split(LINE_END).entries()) {
    if (line.trim() === '') continue;
    if (parts.length > 0 && (line.startsWith(' ') || line.startsWith('\t'))) {
      parts.push(line.slice(1));
    } else {
      add();
      parts = [line];
      begun = index + 1;
    }
  }
  add();
  return lines;
}
