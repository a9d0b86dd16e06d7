import type { Config } from './config.js';

/** Whether callers have to say who they are. */
export function authenticates({ AUTH_JWKS, AUTH_TOKENS_FILE }: Config): boolean {
  return AUTH_JWKS !== undefined || AUTH_TOKENS_FILE !== undefined;
}

/** Whether the doors tell what they serve: with authentication, only when the settings say so. */
export function servesDocs(config: Config): boolean {
  return config.API_DOCS ?? !authenticates(config);
}
