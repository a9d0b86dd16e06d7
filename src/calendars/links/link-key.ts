import { secretForm } from '../../secret-form.js';

/** What every key of a calendar link begins with: the log leaves out what does, and scanners for leaked secrets find it. */
export const KEY_PREFIX = 'calendarkey_';

/** `newKey` makes a key; `isKey` says whether a text has the form of one, which needs no database. */
export const { make: newKey, fits: isKey } = secretForm(KEY_PREFIX);
