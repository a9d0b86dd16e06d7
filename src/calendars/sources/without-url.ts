/** Shorter texts are no secrets, and may be words of the sentence. */
const SHORTEST = 6;

/**
 * A sentence without the URL of a calendar, its path and its query. It is the last net: a sentence may quote what the
 * document has.
 */
export function withoutUrl(sentence: string, url: string | undefined): string {
  if (url === undefined) return sentence;
  const { pathname, search } = new URL(url);
  const parts = [
    url,
    `${pathname}${search}`,
    pathname,
    search,
    ...pathname.split('/'),
    ...search.slice(1).split(/[&=]/),
  ];
  return parts.filter((part) => part.length >= SHORTEST).reduce((text, part) => text.replaceAll(part, '…'), sentence);
}
