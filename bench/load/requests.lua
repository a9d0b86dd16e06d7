-- The requests of requests.ts, for wrk:
-- wrk -s requests.lua <url> -- <kind> <first> <coaches> <clients> <rivals> [<file of ids>]
local FIRST_START = 1893456000 -- 2030-01-01
local DURATION = 30
local SESSIONS_FOR_A_CLIENT = 10
local PAGE_SIZE = 20

local kind, coaches, clients, rivals, ids, n

function init(args)
  kind, n, coaches = args[1], tonumber(args[2]) - 1, tonumber(args[3])
  clients, rivals = tonumber(args[4]), tonumber(args[5])
  ids = {}
  if args[6] then
    for line in io.lines(args[6]) do ids[#ids + 1] = line end
  end
  wrk.headers['Content-Type'] = (kind == 'book' or kind == 'crowd') and 'application/json' or nil
end

local function client()
  local round = math.floor(n / clients)
  local place = (n + round) % clients
  return string.format('client-%d-%d', place, math.floor(round / SESSIONS_FOR_A_CLIENT + place / clients))
end

function request()
  n = n + 1
  if kind == 'get' then return wrk.format('GET', '/api/v1/sessions/' .. ids[n % #ids + 1]) end
  if kind == 'list' then
    return wrk.format('GET', '/api/v1/sessions?coach_hash_id=coach-' .. n % coaches .. '&page_size=' .. PAGE_SIZE)
  end
  local coach, who, slot = 'coach-' .. n % coaches, client(), math.floor(n / coaches)
  if kind == 'crowd' then coach, who, slot = 'coach-of-the-crowd', 'rival-' .. n, math.floor(n / rivals) end
  local start = FIRST_START + slot * DURATION * 60
  return wrk.format('POST', '/api/v1/sessions', nil, string.format(
    '{"session":{"coach_hash_id":"%s","client_hash_id":"%s","start":"%s","duration":%d}}',
    coach, who, os.date('!%Y-%m-%dT%H:%M:%SZ', start), DURATION))
end

function done(summary, latency)
  io.write(string.format(
    '{"requests":%d,"seconds":%f,"p50":%f,"p99":%f,"failed":%d,"broken":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
