-- Ask for each path of a file in turn; requests are written before the clock starts.
local requests = {}
local place = 0

function init(arguments)
  for path in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
end

function request()
  place = place % #requests + 1
  return requests[place]
end
