-- The requests of wrk: each holds events that no other holds, whichever thread makes it, but for
-- redeliveries, which repeat a notification whole.
-- Arguments: the token, the events in a request, how many notifications there are for each that is
-- sent again (0: none is), the devices of the fleet (0: no template is of one); then templates to be
-- sent in turn, the media type before each.

-- A redelivery comes this many events after the first; its answer was received long before.
local DISTANCE = 1000
local threads = {}

function setup(thread)
  thread:set("thread_number", #threads)
  table.insert(threads, thread)
end

-- What stands in a place of a template: as many bytes each time, so that all bodies of one template
-- have the same length.
local make = {
  ["@NUMBER@"] = function(count) return string.format("%02d%08d", thread_number, count) end,
  ["@DEVICE@"] = function()
    return string.format("%08d", math.floor(devices * math.random() ^ 2))
  end,
  ["@TIME@"] = function(count)
    return os.date("!%Y-%m-%dT%H:%M:%S") .. string.format(".%06dZ", count % 1000000)
  end,
}

local function cut(template)
  local pieces, from = {}, 1
  while true do
    local first, last = template:find("@%u+@", from)
    table.insert(pieces, template:sub(from, (first or 0) - 1))
    if not first then return pieces end
    table.insert(pieces, template:sub(first, last))
    from = last + 1
  end
end

local function write(pieces, count)
  local made, body = {}, {}
  for index, piece in ipairs(pieces) do
    if make[piece] and not made[piece] then made[piece] = make[piece](count) end
    body[index] = made[piece] or piece
  end
  return table.concat(body)
end

local function head(media_type, length)
  return table.concat({
    "POST /notifications HTTP/1.1",
    "Host: " .. wrk.host .. ":" .. wrk.port,
    "Authorization: Bearer " .. token,
    "Content-Type: " .. media_type,
    "Content-Length: " .. length,
    "\r\n",
  }, "\r\n")
end

function init(arguments)
  token, members, repeat_every = arguments[1], tonumber(arguments[2]), tonumber(arguments[3])
  devices = tonumber(arguments[4])
  math.randomseed(os.time() + thread_number)
  sent, issued, repeated = 0, 0, 0
  templates = {}
  for place = 5, #arguments, 2 do
    local pieces = cut(arguments[place + 1])
    local length = #write(pieces, 0)
    table.insert(templates, {pieces = pieces, head = head(arguments[place], length)})
  end
end

local function next_number()
  sent = sent + 1
  if repeat_every > 0 and sent % repeat_every == 0 and issued > DISTANCE then
    repeated = repeated + 1
    return issued - DISTANCE
  end
  issued = issued + 1
  return issued - 1
end

local function notification()
  local count = next_number()
  local template = templates[count % #templates + 1]
  return template, write(template.pieces, count)
end

function request()
  if members == 1 then
    local template, body = notification()
    return template.head .. body
  end
  local batch = {}
  for index = 1, members do
    local _, body = notification()
    batch[index] = body
  end
  local body = "[" .. table.concat(batch, ",") .. "]"
  return head("application/cloudevents-batch+json", #body) .. body
end

function done(summary, latency)
  local all_issued, all_repeated = 0, 0
  for _, thread in ipairs(threads) do
    all_issued = all_issued + thread:get("issued")
    all_repeated = all_repeated + thread:get("repeated")
  end
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"issued": %d, "repeated": %d, "seconds": %.6f, "answers": %d, "refused": %d, ' ..
    '"failed": %d, "p50_ms": %.3f, "p99_ms": %.3f, "p999_ms": %.3f, "max_ms": %.3f}\n',
    all_issued, all_repeated, summary.duration / 1e6, summary.requests, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency:percentile(99.9) / 1e3, latency.max / 1e3
  ))
end
