/** Whether a source of TypeScript or protobuf declares a name at its top level, exported or not. */
export function declares(source: string, symbol: string): boolean {
  const keyword = '(?:const|let|function\\*?|class|interface|type|enum|message|rpc|service)';
  return new RegExp(`^(?:export )?(?:async )?${keyword} ${symbol}\\b`, 'm').test(source);
}
