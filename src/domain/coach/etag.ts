/** Any version, of something that must be there. */
export const ANY_VERSION = { isThere: true } as const;

/** The versions that a command is for: one, or any of several; undefined: whatever version there is, or none. */
export type WantedEtag = string | readonly string[] | typeof ANY_VERSION | undefined;

/**
 * Whether something has a version that a command is for.
 * @param etag empty when it is not there
 */
export function isWanted(wanted: WantedEtag, etag: string): boolean {
  if (wanted === undefined) return true;
  if (typeof wanted === 'string') return wanted === etag;
  return 'isThere' in wanted ? etag !== '' : wanted.includes(etag);
}
