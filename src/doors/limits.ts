/* Limits of both doors. */

/** The most connections of a door at once; Node closes further ones. */
export const MAX_CONNECTIONS = 10_000;

/** Milliseconds that a caller may take to send a request. */
export const REQUEST_TIMEOUT = 30_000;
