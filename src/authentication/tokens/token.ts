import { secretForm } from '../../secret-form.js';

/** What every token begins with: people and scanners for leaked secrets know it by that, and no JWT begins so. */
export const PREFIX = 'scheduler_';

/** `newToken` makes a token; `isToken` says whether a text has the form of one. */
export const { make: newToken, fits: isToken } = secretForm(PREFIX);
