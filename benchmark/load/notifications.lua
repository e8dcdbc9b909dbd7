-- The requests of wrk: each holds events that no other holds, whichever thread makes it.
-- Arguments: the template of a notification, the token, the events in a request.

local PLACE = "@NUMBER@"
local threads = {}

function setup(thread)
  thread:set("thread_number", #threads)
  table.insert(threads, thread)
end

function init(arguments)
  local template, token = arguments[1], arguments[2]
  members = tonumber(arguments[3])
  issued = 0
  pieces = {}
  local from = 1
  while true do
    local first, last = template:find(PLACE, from, true)
    table.insert(pieces, template:sub(from, (first or 0) - 1))
    if not first then break end
    from = last + 1
  end
  -- Every number has ten digits, so every body has the same length.
  local digits = 10
  local length = #template - (#pieces - 1) * (#PLACE - digits)
  local media_type = "application/cloudevents+json"
  if members > 1 then
    media_type = "application/cloudevents-batch+json"
    length = members * length + members + 1
  end
  head = table.concat({
    "POST /notifications HTTP/1.1",
    "Host: " .. wrk.host .. ":" .. wrk.port,
    "Authorization: Bearer " .. token,
    "Content-Type: " .. media_type,
    "Content-Length: " .. length,
    "\r\n",
  }, "\r\n")
end

local function notification()
  local number = string.format("%02d%08d", thread_number, issued)
  issued = issued + 1
  return table.concat(pieces, number)
end

function request()
  if members == 1 then return head .. notification() end
  local batch = {}
  for index = 1, members do batch[index] = notification() end
  return head .. "[" .. table.concat(batch, ",") .. "]"
end

function done(summary, latency)
  local all_issued = 0
  for _, thread in ipairs(threads) do all_issued = all_issued + thread:get("issued") end
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"issued": %d, "seconds": %.6f, "answers": %d, "refused": %d, "failed": %d, ' ..
    '"p50_ms": %.3f, "p99_ms": %.3f, "p999_ms": %.3f, "max_ms": %.3f}\n',
    all_issued, summary.duration / 1e6, summary.requests, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency:percentile(99.9) / 1e3, latency.max / 1e3
  ))
end
