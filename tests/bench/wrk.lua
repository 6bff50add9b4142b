-- The greeting for wrk, each request with a token of its own: wrk … -s wrk.lua URL -- REQUEST TOKEN PREFIX
-- REQUEST is a file with a whole request, TOKEN what stands in it, PREFIX the first 24 characters of the tokens of this
-- round. Prints its figures as one line of JSON.
local before, after, prefix
local number = 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local text = file:read("*a")
  file:close()
  local first, last = text:find(arguments[2], 1, true)
  before, after, prefix = text:sub(1, first - 1), text:sub(last + 1), arguments[3]
end

function request()
  number = number + 1
  return before .. prefix .. string.format("%012x", number) .. after
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '{"requests": %d, "errors": %d, "seconds": %.6f, "p50": %.3f, "p99": %.3f}',
    summary.requests,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    summary.duration / 1e6,
    latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3
  ))
end
