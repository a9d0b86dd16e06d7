// Writers of the messages in answers over REST: from a message, or what `create` would make one of, to JSON text in
// proto names, with the fields that have their default value.
import {
  enumValue,
  helper,
  initOf,
  inOrder,
  isImplicit,
  isKnown,
  isTextList,
  isTime,
  jsonCodec,
  jsonScalar,
  printMap,
  supported,
} from './types.mjs';

/** The messages that answers have, as far as they are supported, and their enums. */
export function answersOf(methods, schema) {
  return supported(
    methods.map(({ output }) => output),
    schema,
    (field) => isKnown(field) || field.listKind === 'message' || isTextList(field),
  );
}

/** The writer of a message, and another one for when it may have a part of its fields. */
export function printWriter(f, message, { isPart, hasParts }) {
  printFields(f, message, hasParts, false);
  if (isPart(message)) printFields(f, message, hasParts, true);
}

function printFields(f, message, hasParts, isPart) {
  const name = f.importShape(message).name;
  f.print(`/** Writes ${isPart ? 'the fields that there are of ' : ''}${message.typeName}. */`);
  f.print(`export function ${prefix(isPart)}${name}(message: `, initOf(f, message), `): string {`);
  f.print(`  let json = "{";`);
  let before = 'nothing';
  for (const field of inOrder(message.fields)) {
    const comma = { nothing: '', perhaps: `\${json.length > 1 ? "," : ""}`, something: ',' }[before];
    const value = `message.${field.localName}`;
    const isAlways = isImplicit(field) && !isPart;
    f.print(
      isAlways ? `  ` : `  if (${value} !== undefined) `,
      `json += \`${comma}"${field.name}":\${`,
      written(f, field, value, hasParts(field)),
      `}\`;`,
    );
    if (isAlways) before = 'something';
    else if (before === 'nothing') before = 'perhaps';
  }
  f.print(`  return \`\${json}}\`;`);
  f.print(`}`);
  f.print();
}

function prefix(isPart) {
  return isPart ? 'writePartOf' : 'write';
}

function written(f, field, value, isPart) {
  const { fieldKind, message, scalar, enum: values } = field;
  const write = values
    ? jsonCodec(f, 'write', values)
    : isTime(message)
      ? helper(f, 'writeTime', 'json/answer-fields')
      : message
        ? jsonCodec(f, prefix(isPart), message)
        : helper(f, jsonScalar('write', scalar), 'json/answer-fields');
  return fieldKind === 'list'
    ? [helper(f, 'writeList', 'json/answer-fields'), `(${value}, `, write, `)`]
    : [write, `(${value})`];
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
  f.print(`      return `, helper(f, 'writeInt32', 'json/answer-fields'), `(value);`);
  f.print(`  }`);
  f.print(`}`);
  f.print();
}

export function printWriters(f, messages) {
  const comment =
    'Writers of the answers of all methods that REST serves, but of messages with fields that no writer knows.';
  printMap(f, comment, 'answerWriters', `(message: object) => string`, messages, (message) =>
    jsonCodec(f, 'write', message),
  );
}
