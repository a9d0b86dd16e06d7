// What the parts of the plugin have in common: types of protobuf, and names in the generated code.

/** The full name of the message of times. */
const TIMESTAMP = 'google.protobuf.Timestamp';

/** Whether a type is that of times, which have functions of their own. */
export function isTime(message) {
  return message?.typeName === TIMESTAMP;
}

/**
 * The messages that functions can be generated for, with all messages and enums within them.
 * @param messages the outermost ones
 * @param schema has the files that code is generated for
 * @param isSupported whether a field is of a kind that the functions know; fields of messages are asked for as well
 */
export function supported(messages, { files }, isSupported) {
  const found = { messages: new Set(), enums: new Set() };

  function visit(message, above = []) {
    // A message that contains itself would need a limit of its depth; those of google.protobuf have JSON of their own.
    if (above.includes(message) || !files.includes(message.file)) return false;
    if (!message.fields.every((field) => isSupported(field))) return false;
    const inside = message.fields.map((field) => field.message).filter((type) => type && !isTime(type));
    if (!inside.every((type) => visit(type, [...above, message]))) return false;
    for (const field of message.fields) if (field.enum) found.enums.add(field.enum);
    found.messages.add(message);
    return true;
  }

  const roots = [...new Set(messages)].filter((message) => visit(message));
  return { roots, messages: [...found.messages], enums: [...found.enums] };
}

/** An extension by its full name, as an option that `getOption` takes. Throws when no file has it. */
export function extensionOf({ allFiles }, typeName) {
  const extension = allFiles.flatMap(({ extensions }) => extensions).find((one) => one.typeName === typeName);
  if (!extension) throw new Error(`no file has the option ${typeName}`);
  return extension;
}

/** The function of a type that the plugin generates: `readSession`, of session_json.ts. */
export function generated(f, prefix, type) {
  return f.import(prefix + f.importShape(type).name, `./${type.file.name}_json.js`);
}

/** A function of src/json, written by hand. */
export function helper(f, name, file) {
  return f.import(name, `./../json/${file}.js`);
}

/** A value of an enum in the code that protoc-gen-es generates: `Party.COACH`. */
export function enumValue(f, value) {
  const { name, from } = f.importShape(value.parent);
  return [f.import(name, from), '.', value.localName];
}
