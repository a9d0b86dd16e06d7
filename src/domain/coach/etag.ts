/** The versions that a command is for: one, or any of several; undefined: whatever version there is. */
export type WantedEtag = string | readonly string[] | undefined;

/** Whether something has a version that a command is for. */
export function isWanted(wanted: WantedEtag, etag: string): boolean {
  if (wanted === undefined) return true;
  return typeof wanted === 'string' ? wanted === etag : wanted.includes(etag);
}
