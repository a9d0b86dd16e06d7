// Writers of the messages in answers over REST: from a message, or what `create` would make one of, to JSON text in
// proto names, with the fields that have their default value.
import { hasOption, ScalarType } from '@bufbuild/protobuf';
import { enumValue, extensionOf, generated, helper, isTime, supported } from './types.mjs';

const SCALARS = new Map([
  [ScalarType.STRING, 'writeText'],
  [ScalarType.BOOL, 'writeBool'],
  [ScalarType.INT32, 'writeInt32'],
  [ScalarType.INT64, 'writeInt64'],
]);

/** The messages that answers over REST have, as far as they are supported, and their enums. */
export function answersOf(methods, schema) {
  const http = extensionOf(schema, 'google.api.http');
  return supported(
    methods.filter((method) => hasOption(method, http)).map(({ output }) => output),
    schema,
    ({ fieldKind, listKind, oneof, scalar }) => {
      if (oneof) return false;
      if (fieldKind === 'list') return listKind === 'message';
      return fieldKind === 'scalar' ? SCALARS.has(scalar) : fieldKind === 'enum' || fieldKind === 'message';
    },
  );
}

export function printWriter(f, message) {
  const name = f.importShape(message).name;
  const fields = message.fields.toSorted((one, other) => one.number - other.number);
  f.print(`/** Writes ${message.typeName}. */`);
  f.print(`export function write${name}(message: `, initOf(f, message), `): string {`);
  f.print(`  let json = "{";`);
  let before = 'nothing';
  for (const field of fields) {
    const comma = { nothing: '', perhaps: `\${json.length > 1 ? "," : ""}`, something: ',' }[before];
    const value = `message.${field.localName}`;
    const isAlways = field.presence === IMPLICIT;
    f.print(
      isAlways ? `  ` : `  if (${value} !== undefined) `,
      `json += \`${comma}"${field.name}":\${`,
      written(f, field, value),
      `}\`;`,
    );
    if (isAlways) before = 'something';
    else if (before === 'nothing') before = 'perhaps';
  }
  f.print(`  return \`\${json}}\`;`);
  f.print(`}`);
  f.print();
}

// google.protobuf.FeatureSet.FieldPresence
const IMPLICIT = 2;

function written(f, field, value) {
  const { fieldKind, message, scalar, enum: values } = field;
  const write = values
    ? generated(f, 'write', values)
    : isTime(message)
      ? helper(f, 'writeTime', 'answer-fields')
      : message
        ? generated(f, 'write', message)
        : helper(f, SCALARS.get(scalar), 'answer-fields');
  return fieldKind === 'list'
    ? [helper(f, 'writeList', 'answer-fields'), `(${value}, `, write, `)`]
    : [write, `(${value})`];
}

function initOf(f, message) {
  return [f.import('MessageInitShape', '@bufbuild/protobuf', true), '<typeof ', f.importSchema(message, true), '>'];
}

export function printEnumWriter(f, type) {
  const name = f.importShape(type).name;
  f.print(`/** Writes ${type.typeName}. */`);
  f.print(`export function write${name}(value: `, f.importShape(type), ` | undefined): string {`);
  f.print(`  switch (value) {`);
  for (const value of type.values) {
    if (value.number === 0) f.print(`    case undefined:`);
    f.print(`    case `, enumValue(f, value), `:`);
    f.print(`      return '"${value.name}"';`);
  }
  f.print(`    default:`);
  f.print(`      return `, helper(f, 'writeInt32', 'answer-fields'), `(value);`);
  f.print(`  }`);
  f.print(`}`);
  f.print();
}

export function printWriters(f, messages) {
  const desc = f.import('DescMessage', '@bufbuild/protobuf', true);
  f.print(
    `/** Writers of the answers of all methods that REST serves, but of messages with fields that no writer knows. */`,
  );
  f.print(`export const answerWriters: ReadonlyMap<`, desc, `, (message: object) => string> = new Map<`);
  f.print(`  `, desc, `,`);
  f.print(`  (message: object) => string`);
  f.print(`>([`);
  for (const message of messages) f.print(`  [`, f.importSchema(message), `, `, generated(f, 'write', message), `],`);
  f.print(`]);`);
}
