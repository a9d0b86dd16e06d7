import { createHash } from 'node:crypto';

/**
 * Adds entries to a stream, if it ends where the caller believes: a process that was frozen, and another writer, cannot
 * come in between. Redis runs it as one; when Redis refuses an entry, those after it are not added either.
 *
 * KEYS: the stream. ARGV: the id that was added last (`0-0`: none); how many entries to keep (empty: all); how many
 * arguments each entry has; the entries, each with its id and its fields.
 */
const APPEND = `
local last = '0-0'
if redis.call('EXISTS', KEYS[1]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then last = info[i + 1] end
  end
end
if last ~= ARGV[1] then
  return redis.error_reply('ENDSELSEWHERE the stream ends at ' .. last .. ' and not at ' .. ARGV[1])
end
local size = tonumber(ARGV[3])
for first = 4, #ARGV, size do
  redis.call('XADD', KEYS[1], unpack(ARGV, first, first + size - 1))
end
if ARGV[2] ~= '' then redis.call('XTRIM', KEYS[1], 'MAXLEN', '~', ARGV[2]) end
return redis.status_reply('OK')`;

/** The script, and the name by which Redis knows it once it was loaded. */
export const APPEND_SCRIPT = { text: APPEND, sha: createHash('sha1').update(APPEND).digest('hex') } as const;
