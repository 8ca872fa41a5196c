/**
 * Hands out calls of one credential within Redis, so that no two processes get the same one. KEYS[1] is the credential's key, ARGV[1] the
 * request as JSON; the answer is JSON, too.
 *
 * For every limit that the upstream has named there is what is left of its window, as answers told; who holds calls that are not ended yet
 * is counted apart, because nobody knows which of them the upstream has counted already. So what is free is the least that is left, less
 * all that is out. A window that is over starts anew with the next call granted, and ends when an answer says so: the upstream tells whole
 * seconds, rounded up, and so none ends here before it ends there. Two limits that end within `slack` of each other are the same window.
 */
export const grantScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local slack = 2000
local ask = cjson.decode(ARGV[1])
local stored = redis.call('GET', KEYS[1])
local state = stored and cjson.decode(stored) or { limits = {}, holders = {}, pausedUntil = 0 }

for name, limit in pairs(state.limits) do
  if limit.ends and limit.ends <= now then
    limit.left = limit.quota
    limit.ends = nil
    limit.sure = false
  end
  limit.left = math.max(0, limit.left - ask.unheard)
end
for _, stated in ipairs(ask.limits) do
  local ends = now + stated.resetMs
  local limit = state.limits[stated.name]
  if not limit or not limit.sure or ends > limit.ends + slack then
    local quota = stated.quota or math.max(limit and limit.quota or 0, stated.remaining)
    local window = stated.windowMs or limit and limit.window or ask.assumed.windowMs
    state.limits[stated.name] = { left = stated.remaining, ends = ends, quota = quota, window = window, sure = true }
  elseif ends > limit.ends - slack then
    limit.left = math.min(limit.left, stated.remaining)
    limit.ends = math.min(limit.ends, ends)
  end
  if stated.name ~= '' then state.limits[''] = nil end
end
if not next(state.limits) then
  state.limits[''] = { left = ask.assumed.quota, quota = ask.assumed.quota, window = ask.assumed.windowMs, sure = false }
end

local out = ask.outstanding
for id, holder in pairs(state.holders) do
  if id == ask.id or holder.ends <= now then state.holders[id] = nil else out = out + holder.calls end
end
local free = math.huge
local wait = 0
for _, limit in pairs(state.limits) do
  free = math.min(free, limit.left - out)
  if limit.left - out < ask.least then wait = math.max(wait, limit.ends and limit.ends - now or 1000) end
end

state.pausedUntil = math.max(state.pausedUntil, now + ask.pauseMs)
local pause = math.max(0, state.pausedUntil - now)
local calls = 0
if pause == 0 and free >= ask.least and ask.most > 0 then
  calls = ask.least + math.min(ask.most - ask.least, math.floor((free - ask.least) / 8))
end
if calls > 0 then
  for _, limit in pairs(state.limits) do limit.ends = limit.ends or now + limit.window end
end
if ask.outstanding + calls > 0 then
  state.holders[ask.id] = { calls = ask.outstanding + calls, ends = now + ask.holdMs }
end
redis.call('SET', KEYS[1], cjson.encode(state), 'PX', ask.keepMs)
return cjson.encode({ calls = calls, waitMs = math.max(wait, pause), pauseMs = pause, now = now, limits = state.limits, out = out + calls })
`
