import { DAY, dayOf } from '../src/domain/dates.js';
import { OID, type ValueWriter } from '../src/postgres/binary-writer.js';

/** A type of column: how its values get to Postgres and back. */
export interface ColumnType<Value> {
  /** Its exact name in Postgres: the binary form converts nothing. */
  readonly name: string;
  /** Its number in Postgres. */
  readonly oid: number;
  /** Writes the value in the binary form of the type. */
  readonly toBinary: (value: Value, to: ValueWriter) => void;
  /** The SQL expression that reads the value back from a column. Without it, pg returns the value as it is. */
  readonly toRead?: (column: string) => string;
  /** The value of what Postgres writes for that expression, as text. */
  readonly fromText: (text: string) => Value;
}

/** A UUID with hyphens. Writing one in upper case and reading it back gives lower case. */
export const uuid: ColumnType<string> = {
  name: 'uuid',
  oid: OID.uuid,
  toBinary: (value, to) => to.uuid(value),
  fromText: (text) => text,
};

/** Any text without U+0000. */
export const text: ColumnType<string> = {
  name: 'text',
  oid: OID.text,
  toBinary: (value, to) => to.text(value),
  fromText: (text) => text,
};

/** The text of a JSON value. Reading it back gives the text of an equal value. */
export const jsonText: ColumnType<string> = {
  name: 'jsonb',
  oid: OID.jsonb,
  toBinary: (value, to) => to.jsonb(value),
  toRead: (column) => `${column}::text`,
  fromText: (text) => text,
};

export const boolean: ColumnType<boolean> = {
  name: 'boolean',
  oid: OID.boolean,
  toBinary: (value, to) => to.boolean(value),
  fromText: (text) => text === 't',
};

/** A whole number of 32 bits. */
export const integer: ColumnType<number> = {
  name: 'integer',
  oid: OID.integer,
  toBinary: (value, to) => to.int32(value),
  fromText: Number,
};

/** A whole number of 64 bits. */
export const bigint: ColumnType<bigint> = {
  name: 'bigint',
  oid: OID.bigint,
  toBinary: (value, to) => to.int64(value),
  fromText: BigInt,
};

/** A whole number of 64 bits that is a `number` in TypeScript, and exact up to 2^53. */
export const safeBigint: ColumnType<number> = {
  name: 'bigint',
  oid: OID.bigint,
  toBinary: (value, to) => to.safeInt64(value),
  toRead: (column) => `${column}::float8`,
  fromText: Number,
};

/** A time in epoch milliseconds. */
export const timestamp: ColumnType<number> = {
  name: 'timestamptz',
  oid: OID.timestamptz,
  toBinary: (value, to) => to.thousands(value - YEAR_2000),
  // A number: exact to the millisecond too, and without a text to parse for each time that is read.
  toRead: (column) => `round(1000 * date_part('epoch', ${column}))`,
  fromText: Number,
};

/** A date of the calendar, in the years 1 to 9999: `2030-12-24`. */
export const date: ColumnType<string> = {
  name: 'date',
  oid: OID.date,
  toBinary: (value, to) => to.int32(daysFrom2000(value)),
  toRead: (column) => `to_char(${column}, 'YYYY-MM-DD')`,
  fromText: (text) => text,
};

function daysFrom2000(value: string): number {
  const day = dayOf(value);
  if (day === undefined) throw new RangeError(`not a date: ${value}`);
  return day - YEAR_2000 / DAY;
}

/** A time in epoch milliseconds as a parameter of a query: exact, which a number of seconds is not for every year. */
export function timeParameter(time: number): string {
  return new Date(time).toISOString();
}

/** Postgres counts microseconds from here. */
const YEAR_2000 = Date.UTC(2000, 0, 1);

/** A type of column that is null in Postgres where the value is undefined. */
export function nullable<Value>(type: ColumnType<Value>): ColumnType<Value | undefined> {
  const { toBinary, fromText } = type;
  return {
    ...type,
    toBinary: (value, to) => (value === undefined ? to.null() : toBinary(value, to)),
    fromText: (text) => (text === '' ? undefined : fromText(text)),
  };
}
