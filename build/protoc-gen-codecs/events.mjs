// The forms of stored events: from an event of the domain to protobuf JSON and back. The fields have the names of those
// of the message. In memory a time is a number of epoch milliseconds; an enum is a word in lower case, undefined when
// unspecified: `PARTY_COACH` of the enum `Party` is `coach`.
import { getOption, ScalarType } from '@bufbuild/protobuf';
import { extensionOf, helper, isTime } from './types.mjs';

// The only message of an events.proto that is no event. It is kept in memory as a message.
const METADATA = 'EventMetadata';

const KINDS = new Map([
  [ScalarType.STRING, { name: 'Text', type: 'string' }],
  [ScalarType.INT32, { name: 'Int32', type: 'number' }],
  [ScalarType.BOOL, { name: 'Bool', type: 'boolean' }],
]);
const TIME = { name: 'Time', type: 'number' };

// google.protobuf.FeatureSet.FieldPresence.EXPLICIT
const PRESENT = 1;

export function printForms(f, file, schema) {
  const mayBeAbsent = extensionOf(schema, `${file.proto.package}.may_be_absent`);
  const items = itemsOf(file.messages);
  const events = file.messages.filter((message) => !items.has(message));
  const values = [...events, ...items].flatMap((message) => message.fields);
  for (const type of new Set(values.flatMap((field) => field.enum ?? []))) printWords(f, type);
  for (const message of items) printFunctions(f, message, mayBeAbsent, false);
  for (const message of events) {
    printFunctions(f, message, mayBeAbsent, message.name !== METADATA);
    printForm(f, message);
  }
}

/** The messages within messages, the inner ones first. */
function itemsOf(messages) {
  const items = new Set();
  for (const { fields } of messages) {
    for (const { message } of fields) {
      if (!message || isTime(message)) continue;
      for (const inner of itemsOf([message])) items.add(inner);
      items.add(message);
    }
  }
  return items;
}

function printForm(f, { name, typeName }) {
  f.print(`/** How \`${typeName}\` is stored. */`);
  f.print(`export const ${name}Form = {`);
  f.print(`  name: "${typeName}",`);
  f.print(`  write: write${name},`);
  f.print(`  read: read${name},`);
  f.print(`};`);
  f.print();
}

function printFunctions(f, message, mayBeAbsent, isEvent) {
  const { name, typeName } = message;
  const fields = message.fields.map((field) => fieldOf(f, field, getOption(field, mayBeAbsent)));
  f.print(`interface ${name}Fields {`);
  for (const { localName, type } of fields) f.print(`  readonly ${localName}: ${type};`);
  f.print(`}`);
  f.print();
  f.print(`function write${name}(fields: ${name}Fields): string {`);
  f.print(`  return `, helper(f, 'storedObject', 'json/stored-fields'), `(`);
  fields.forEach(({ written }, index) => {
    f.print(`    `, written, index < fields.length - 1 ? ` +` : `,`);
  });
  f.print(`  );`);
  f.print(`}`);
  f.print();
  f.print(`function read${name}(json: unknown): `, readType(f, message, isEvent), ` {`);
  f.print(`  const members = `, helper(f, 'membersOf', 'json/stored-fields'), `(json, "${typeName}");`);
  f.print(`  return {`);
  if (name === METADATA) f.print(`    $typeName: "${typeName}",`);
  else if (isEvent) f.print(`    type: "${name}",`);
  for (const { localName, read } of fields) f.print(`    ${localName}: `, read, `,`);
  f.print(`  };`);
  f.print(`}`);
  f.print();
}

function readType(f, message, isEvent) {
  const { name } = message;
  if (name === METADATA) return f.importShape(message);
  return isEvent ? `{ readonly type: "${name}" } & ${name}Fields` : `${name}Fields`;
}

/** The type of a field in memory, and the code that writes it and reads it. */
function fieldOf(f, field, isOptional) {
  const { localName, jsonName } = field;
  const name = `"${field.parent.typeName}.${field.name}"`;
  const key = `',"${jsonName}":'`;
  const value = `fields.${localName}`;
  const member = `members["${jsonName}"]`;
  const call = (fn, ...parts) => [fn, `(`, parts.join(', '), `)`];

  const list = (type, write, read) => ({
    localName,
    type: `readonly ${type}[]`,
    written: call(helper(f, 'listMember', 'json/stored-fields'), key, value, write, name),
    read: call(helper(f, 'readListMember', 'json/stored-fields'), member, read, name),
  });

  if (field.listKind === 'enum') {
    const words = f.importShape(field.enum).name;
    return list(
      `${words}Word`,
      `(word) => member${words}("", word, ${name})`,
      `(word) => read${words}(word, ${name}) as ${words}Word`,
    );
  }
  if (field.enum) {
    const words = f.importShape(field.enum).name;
    return {
      localName,
      type: `${words}Word | undefined`,
      written: call(`member${words}`, key, value, name),
      read: call(`read${words}`, member, name),
    };
  }
  if (field.listKind === 'message') {
    const item = field.message.name;
    return list(`${item}Fields`, `write${item}`, `read${item}`);
  }
  if (field.listKind === 'scalar' && KINDS.has(field.scalar)) {
    const { name: item, type } = KINDS.get(field.scalar);
    const functions = [`write${item}Item`, `read${item}Item`].map((fn) => helper(f, fn, 'json/stored-fields'));
    return {
      localName,
      type: `readonly ${type}[]`,
      written: [helper(f, 'listMember', 'json/stored-fields'), `(${key}, ${value}, `, functions[0], `, ${name})`],
      read: [helper(f, 'readListMember', 'json/stored-fields'), `(${member}, `, functions[1], `, ${name})`],
    };
  }
  if (field.message && !isTime(field.message)) {
    const { name: message } = field.message;
    if (isOptional) {
      return {
        localName,
        type: `${message}Fields | undefined`,
        written: [`(${value} === undefined ? "" : ${key} + write${message}(${value}))`],
        read: [`${member} === undefined ? undefined : read${message}(${member})`],
      };
    }
    return {
      localName,
      type: `${message}Fields`,
      written: [`${key} + write${message}(${value})`],
      read: [`read${message}(${member})`],
    };
  }
  const kind = isTime(field.message) ? TIME : field.fieldKind === 'scalar' && KINDS.get(field.scalar);
  if (!kind) throw new Error(`${field} is of a kind that stored events cannot have yet`);
  if (field.presence === PRESENT && kind !== TIME) {
    return {
      localName,
      type: `${kind.type} | undefined`,
      written: call(helper(f, `present${kind.name}Member`, 'json/stored-fields'), key, value, name),
      read: call(helper(f, `readOptional${kind.name}Member`, 'json/stored-fields'), member, name),
    };
  }
  const optional = isOptional ? 'optional' : '';
  const memberName = `${optional}${kind.name}Member`;
  return {
    localName,
    type: isOptional ? `${kind.type} | undefined` : kind.type,
    written: call(helper(f, memberName[0].toLowerCase() + memberName.slice(1), 'json/stored-fields'), key, value, name),
    read: call(helper(f, `read${isOptional ? 'Optional' : ''}${kind.name}Member`, 'json/stored-fields'), member, name),
  };
}

function printWords(f, type) {
  const { name } = f.importShape(type);
  const values = type.values.filter(({ number }) => number !== 0);
  const wordOf = ({ localName }) => `"${localName.toLowerCase()}"`;
  const unfit = helper(f, 'unfit', 'json/stored-fields');
  f.print(`type ${name}Word = ${values.map(wordOf).join(' | ')};`);
  f.print();
  f.print(`function member${name}(key: string, word: unknown, field: string): string {`);
  f.print(`  switch (word) {`);
  f.print(`    case undefined:`);
  f.print(`      return "";`);
  for (const value of values) {
    f.print(`    case ${wordOf(value)}:`);
    f.print(`      return \`\${key}"${value.name}"\`;`);
  }
  f.print(`    default:`);
  f.print(`      throw `, unfit, `(field, word);`);
  f.print(`  }`);
  f.print(`}`);
  f.print();
  f.print(`function read${name}(json: unknown, field: string): ${name}Word | undefined {`);
  f.print(`  switch (json) {`);
  f.print(`    case undefined:`);
  f.print(`      return undefined;`);
  for (const value of values) {
    f.print(`    case "${value.name}":`);
    f.print(`      return ${wordOf(value)};`);
  }
  f.print(`    default:`);
  f.print(`      throw `, unfit, `(field, json);`);
  f.print(`  }`);
  f.print(`}`);
  f.print();
}
