#!/usr/bin/env node
// A plugin of `buf generate`: writes TypeScript that reads and writes the JSON of messages field by field, where
// reflection would go through descriptors each time. Beside session_pb.ts it writes session_json.ts, with
//
//   readSession    for the messages in requests: a JSON value to a message                  (requests.mjs)
//   writeSession   for the messages in answers over REST: a message to JSON text            (answers.mjs)
//   SessionForm    for the messages of a file named events.proto: both ways, as stored      (events.mjs)
//
// and one methods_json.ts, which lists the readers of all requests and the writers of all answers by message.
import { createEcmaScriptPlugin, runNodeJs } from '@bufbuild/protoplugin';
import { answersOf, printEnumWriter, printWriter, printWriters } from './answers.mjs';

import { printForms } from './events.mjs';
import { printEnumReader, printReader, printReaders, requestsOf } from './requests.mjs';

function generateTs(schema) {
  const methods = schema.files.flatMap(({ services }) => services).flatMap((service) => service.methods);
  // buf runs the plugin for each of its inputs: one has the services, the other has errors of Google's alone.
  if (methods.length === 0) return;
  const requests = requestsOf(methods, schema);
  const answers = answersOf(methods, schema);

  for (const file of schema.files) {
    const isHere = (type) => type.file === file;
    const types = [requests.enums, requests.messages, answers.enums, answers.messages].map((all) => all.filter(isHere));
    const [readEnums, readMessages, writtenEnums, writtenMessages] = types;
    const isOfEvents = file.name.endsWith('/events');
    if (types.flat().length === 0 && !isOfEvents) continue;

    const f = schema.generateFile(`${file.name}_json.ts`);
    f.preamble(file);
    for (const type of readEnums) printEnumReader(f, type);
    for (const type of readMessages) printReader(f, type);
    for (const type of writtenEnums) printEnumWriter(f, type);
    for (const type of writtenMessages) printWriter(f, type);
    if (isOfEvents) printForms(f, file, schema);
  }

  const f = schema.generateFile('methods_json.ts');
  printReaders(f, requests.roots);
  printWriters(f, answers.roots);
}

runNodeJs(createEcmaScriptPlugin({ name: 'protoc-gen-json', version: 'v1', generateTs }));
