/**
 * A text for people without what must not be shown to them: passwords of URLs, tokens and keys of this service. It is the
 * last net: arguments and settings of which nobody thought that they could hold one.
 */
export function withoutSecrets(text: string): string {
  return text.replace(PASSWORD, ':…@').replace(TOKEN, '$1…');
}

// Up to the last @ of the word: a password may have some, when it was not encoded.
const PASSWORD = /:(?!\/\/)\S*@/g;
const TOKEN = /(scheduler_|calendarkey_)[\w-]{20,}/g;
