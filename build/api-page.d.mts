/** See api-page.mjs. */
export function writeApiPage(): void;
