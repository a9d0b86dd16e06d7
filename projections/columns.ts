import type { BinaryWriter } from './binary-writer.js';

/** A kind of column: how its values get to Postgres. */
export interface Column<Value> {
  /** The type in Postgres, exactly: COPY in its binary form converts nothing. */
  readonly type: string;
  /** The value as an element of an array parameter. */
  toParameter(value: Value): unknown;
  /** Writes the value in the binary form of the type. */
  toBinary(value: Value, to: BinaryWriter): void;
}

/** A UUID in its usual form. */
export const uuid: Column<string> = {
  type: 'uuid',
  toParameter: (value) => value,
  toBinary: (value, to) => to.uuid(value),
};

/** Any text without U+0000. */
export const text: Column<string> = {
  type: 'text',
  toParameter: (value) => value,
  toBinary: (value, to) => to.text(value),
};

/** A whole number of 32 bits. */
export const integer: Column<number> = {
  type: 'integer',
  toParameter: (value) => value,
  toBinary: (value, to) => to.int32(value),
};

/** A whole number of 64 bits, such as a revision. */
export const bigint: Column<bigint> = {
  type: 'bigint',
  toParameter: (value) => value,
  toBinary: (value, to) => to.int64(value),
};

/** A time in epoch milliseconds. */
export const timestamp: Column<number> = {
  type: 'timestamptz',
  // As text: exact to the millisecond, which a number of seconds is not for every year.
  toParameter: (value) => new Date(value).toISOString(),
  toBinary: (value, to) => to.thousands(value - YEAR_2000),
};

/** Where Postgres begins to count microseconds. */
const YEAR_2000 = Date.UTC(2000, 0, 1);

/** A column that is null where a row has no value. */
export function nullable<Value>({ type, toParameter, toBinary }: Column<Value>): Column<Value | undefined> {
  return {
    type,
    toParameter: (value) => (value === undefined ? null : toParameter(value)),
    toBinary: (value, to) => (value === undefined ? to.null() : toBinary(value, to)),
  };
}
