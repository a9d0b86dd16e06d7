import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { CalendarRefused, quoted } from './refusal.js';

const FOLD = /\r{0,2}\n[ \t]/g;

/**
 * The text of a document: by its byte order mark, else by the charset that came with it, else UTF-8. Documents that are
 * no UTF-8 and say nothing are read as Windows-1252, in which everything is a text.
 */
export function decodeCalendar(bytes: Uint8Array, charset?: string): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (isUtf8(bytes)) return isOther(charset) ? decoderFor(charset).decode(bytes) : new TextDecoder().decode(bytes);
  if (isOther(charset)) return decoderFor(charset).decode(bytes);
  // Lines are folded by octets: a fold may be amid a character.
  const unfolded = Buffer.from(Buffer.from(bytes).toString('latin1').replace(FOLD, ''), 'latin1');
  return new TextDecoder(isUtf8(unfolded) ? 'utf-8' : 'windows-1252').decode(unfolded);
}

function isOther(charset: string | undefined): charset is string {
  return charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset);
}

function decoderFor(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    throw new CalendarRefused('unknown charset', `the charset ${quoted(charset)} is not known: send UTF-8`);
  }
}
