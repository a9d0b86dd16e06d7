/*
 * Two releases of the rules of one made-up zone: at first Some/Where changes to winter time for 2031, then it stays an
 * hour ahead.
 */

const WINTER = ['R W 2000 ma - Mar lastSu 1u 1 S', 'R W 2000 ma - O lastSu 1u 0 -'];

/** Winter is on UTC, summer an hour ahead. */
export const OLDER = ['# version 2030a', ...WINTER, 'Z Some/Where 0 W %z', 'Z Other/Where 2 - %z'].join('\n');

/** From April 2030 on always an hour ahead: sessions in winter begin an hour earlier. Other/Where is no more. */
export const NEWER = ['# version 2030b', ...WINTER, 'Z Some/Where 0 W %z 2030 Ap 10', '1 - %z'].join('\n');
