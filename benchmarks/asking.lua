-- Asks wrk's server for the addresses of the file PATHS in turn, each with the headers that stand behind it.
local asked, n = {}, 0
for line in io.lines(os.getenv("PATHS")) do
  local path, tag = line:match("^(%S+)%s*(.*)$")
  asked[#asked + 1] = wrk.format("GET", path, tag ~= "" and { ["If-None-Match"] = tag } or nil)
end
local threads = 0
function setup(thread) thread:set("offset", threads * 1237); threads = threads + 1 end
function request()
  n = n + 1
  return asked[(offset + n) % #asked + 1]
end
function done(summary, _, _)
  local e = summary.errors
  print(string.format('{"rate": %f, "answers": %d, "bad": %d}', summary.requests / (summary.duration / 1e6),
    summary.requests, e.status + e.connect + e.read + e.write + e.timeout))
end
