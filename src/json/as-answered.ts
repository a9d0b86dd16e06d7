/** How messages are written as JSON for callers of REST: in proto names, with the fields that have their default value. */
export const AS_ANSWERED = { useProtoFieldName: true, alwaysEmitImplicit: true } as const;
