import { randomBytes } from 'node:crypto';

/** Secrets that can be found again wherever they went. */
export interface Secrets {
  /** A new secret, made of letters and digits. @param name what to call it; others may have the same name */
  make(name: string): string;
  /** The names of the secrets that a text has: as they are, or in hexadecimal, or anywhere in something in base64. */
  in(text: string): string[];
}

export function createSecrets(): Secrets {
  const made: { readonly name: string; readonly forms: readonly string[] }[] = [];
  return {
    make(name) {
      const secret = `s3${randomBytes(12).toString('hex')}`;
      made.push({ name, forms: [secret, Buffer.from(secret).toString('hex'), ...inBase64(secret)] });
      return secret;
    },
    in: (text) => made.filter(({ forms }) => forms.some((form) => text.includes(form))).map(({ name }) => name),
  };
}

/** What does not change of a text in base64, whatever stands before and behind it: it may begin at any of three places. */
function inBase64(text: string): string[] {
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.from(`${'\0'.repeat(before)}${text}`).toString('base64');
    // A character that has bits of what is before or behind.
    return encoded.slice(before === 0 ? 0 : before + 1).replace(/.?=*$/, '');
  });
}
