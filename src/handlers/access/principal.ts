/** What a caller can be; the proto's `Access.Role` says what each may do. */
export const ROLES = ['service', 'admin', 'analyst', 'coach', 'client'] as const;

/** One of them. */
export type Role = (typeof ROLES)[number];

/** Roles that may call every method about anybody, but for those of admins alone, and speak for others. */
export const FOR_ANYBODY: readonly Role[] = ['service', 'admin'];

/** Who a caller is. */
export interface Principal {
  /** The verified name of the caller; empty when callers are not authenticated. */
  readonly subject: string;
  readonly roles: ReadonlySet<Role>;
  /** The coach that the caller is; undefined: none. */
  readonly coachHashId: string | undefined;
  /** The client that the caller is; undefined: none. */
  readonly clientHashId: string | undefined;
}

/** Who calls a service that authenticates nobody: it may do everything. */
export const UNVERIFIED: Principal = {
  subject: '',
  roles: new Set<Role>(['service', 'admin']),
  coachHashId: undefined,
  clientHashId: undefined,
};

/** Who calls without a token where a secret link does in its place: by itself, it may do nothing. */
export const STRANGER: Principal = {
  subject: '',
  roles: new Set<Role>(),
  coachHashId: undefined,
  clientHashId: undefined,
};

/** Whether a caller may do everything about anybody, and say on whose behalf. */
export function actsForAnybody({ roles }: Principal): boolean {
  return FOR_ANYBODY.some((role) => roles.has(role));
}
