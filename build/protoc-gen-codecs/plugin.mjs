#!/usr/bin/env node
// A plugin of `buf generate`: writes TypeScript that reads and writes messages field by field, where reflection would
// go through descriptors each time. Beside session_pb.ts it writes session_json.ts, with
//
//   readSession    for the messages in requests: a JSON value to a message                  (requests.mjs)
//   writeSession   for the messages in answers over REST: a message to JSON text            (answers.mjs);
//                  writePartOfSession, where the option may_be_partial is set, writes no field that is absent
//   SessionForm    for the messages of a file named events.proto: both ways, as stored      (events.mjs)
//
// and session_binary.ts, with
//
//   decodeSession  for the messages in requests: protobuf binary to a message               (decoders.mjs)
//   encodeSession  for the messages in answers: a message to protobuf binary                (encoders.mjs)
//
// The functions of all requests and answers are listed by message in methods_json.ts and methods_binary.ts.
import { hasOption } from '@bufbuild/protobuf';
import { createEcmaScriptPlugin, runNodeJs } from '@bufbuild/protoplugin';
import { answersOf, printEnumWriter, printWriter, printWriters } from './answers.mjs';
import { printDecoder, printDecoders } from './decoders.mjs';
import { printEncoder, printEncoders } from './encoders.mjs';
import { printForms } from './events.mjs';
import { printEnumReader, printReader, printReaders, requestsOf } from './requests.mjs';
import { extensionOf } from './types.mjs';

function generateTs(schema) {
  const methods = schema.files.flatMap(({ services }) => services).flatMap((service) => service.methods);
  // buf runs the plugin for each of its inputs, of which one has our own services.
  if (!schema.files.some(({ proto }) => proto.package.startsWith('aceup.'))) return;
  const http = extensionOf(schema, 'google.api.http');
  const restMethods = methods.filter((method) => hasOption(method, http));
  const requests = requestsOf(methods, schema);
  const answers = answersOf(methods, schema);
  const restAnswers = answersOf(restMethods, schema);
  const parts = partsIn(restAnswers.messages, schema);

  // Enums may stand in files of others, as google.type.DayOfWeek does.
  const ofEnums = [...requests.enums, ...restAnswers.enums].map(({ file }) => file);
  for (const file of new Set([...schema.files, ...ofEnums])) {
    /** What prints a function for each of the types that stand in the file. */
    const forEach = (types, print) => types.filter((type) => type.file === file).map((type) => (f) => print(f, type));

    generateFile(schema, file, 'json', [
      ...forEach(requests.enums, printEnumReader),
      ...forEach(requests.messages, printReader),
      ...forEach(restAnswers.enums, printEnumWriter),
      ...forEach(restAnswers.messages, (f, message) => printWriter(f, message, parts)),
      ...(file.name.endsWith('/events') ? [(f) => printForms(f, file, schema)] : []),
    ]);
    generateFile(schema, file, 'binary', [
      ...forEach(requests.messages, printDecoder),
      ...forEach(answers.messages, printEncoder),
    ]);
  }

  const json = schema.generateFile('methods_json.ts');
  printReaders(json, requests.roots);
  printWriters(json, restAnswers.roots);
  const binary = schema.generateFile('methods_binary.ts');
  printDecoders(binary, requests.roots);
  printEncoders(binary, answers.roots);
}

/** Which messages may have a part of their fields, and in which fields. */
function partsIn(messages, schema) {
  const option = extensionOf(schema, 'aceup.scheduler.v1.may_be_partial');
  const hasParts = (field) => hasOption(field, option);
  const fields = messages.flatMap((message) => message.fields).filter(hasParts);
  return { hasParts, isPart: (message) => fields.some((field) => field.message === message) };
}

function generateFile(schema, file, form, prints) {
  if (prints.length === 0) return;
  const f = schema.generateFile(`${file.name}_${form}.ts`);
  f.preamble(file);
  for (const print of prints) print(f);
}

runNodeJs(createEcmaScriptPlugin({ name: 'protoc-gen-codecs', version: 'v1', generateTs }));
