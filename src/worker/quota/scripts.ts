/**
 * What the workers do in Redis, as scripts, each of which Redis runs as one step: the same decisions as
 * `model/allowance.ts`, taken over all workers' requests. Times are Redis' own, so that the workers' clocks need not agree,
 * and they only go on: a wall clock that is set (NTP, a resumed machine, another Redis in its place) takes no mark into the
 * future, where it would block the plan, and none out of the minute.
 *
 *   clock     hash: the last time, and how far that was ahead of Redis' wall clock
 *   workers   sorted set: worker -> until when it counts as alive
 *   since     when this data was begun: a Redis that has lost it says so by a new one
 *   PRODUCT:sent      sorted set: grant -> when it went out
 *   PRODUCT:held      hash: worker -> places that it holds; they count as long as it is alive
 *   PRODUCT:lowered   hash: what a 429 has left, and until when
 *   PRODUCT:waiting   hash: worker -> since when somebody waits there, and until when that is worth something
 *
 * The first key of those that need the time is the clock. Their first argument is the wall's in milliseconds, or empty for
 * Redis' own; the second the time that the worker expects by its own monotonic clock, or empty when it has heard none yet.
 */

/** What is so much later than a worker expects is no delay of the network: the wall clock has been set forward. */
const SLACK_MS = 1_000;
/** Longer than any pause that a 429 asks for and that is of use. */
const CLOCK_KEPT_MS = 86_400_000;

const PRELUDE = `
local function wall_ms(given)
  if given ~= '' then return tonumber(given) end
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local function time_ms(clock, given, expected)
  local wall, kept = wall_ms(given), redis.call('HMGET', clock, 'last', 'ahead')
  local last = tonumber(kept[1] or 0)
  local now = math.max(last, wall + tonumber(kept[2] or 0))
  local most = tonumber(expected)
  if most and now > most + ${SLACK_MS} then now = math.max(last, most) end
  redis.call('HSET', clock, 'last', now, 'ahead', now - wall)
  redis.call('PEXPIRE', clock, ${CLOCK_KEPT_MS})
  return now
end
local function in_flight(workers, held, now)
  local sum = 0
  local all = redis.call('HGETALL', held)
  for i = 1, #all, 2 do
    local alive_until = redis.call('ZSCORE', workers, all[i])
    if alive_until and tonumber(alive_until) > now then sum = sum + tonumber(all[i + 1])
    else redis.call('HDEL', held, all[i]) end
  end
  return sum
end
`;

/** Everything is forgotten when no worker has been there for so long. */
const KEPT_MS = 120_000;

/**
 * Asks for `count` places. Answers how many are granted, then the wait in milliseconds until there may be more: 0 when all
 * were granted, -1 when that depends on somebody's giving one back.
 */
export const ASK = `${PRELUDE}
local workers, held, sent, lowered, waiting = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local now, worker = time_ms(KEYS[1], ARGV[1], ARGV[2]), ARGV[3]
local count, first = tonumber(ARGV[4]), tonumber(ARGV[5])
local rate, all_places = tonumber(ARGV[6]), tonumber(ARGV[7])
local kept_rate, kept_places, is_ahead = tonumber(ARGV[8]), tonumber(ARGV[9]), ARGV[10] == '1'
local waited, window, ttl, patience = tonumber(ARGV[11]), tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[14])

redis.call('ZADD', workers, now + ttl, worker)
local low = redis.call('HMGET', lowered, 'paused_until', 'rate', 'rate_until', 'places', 'places_until')
local paused_until = tonumber(low[1] or 0)
if paused_until > now then return { 0, paused_until - now } end

local room, size, rate_until = math.huge, 0, tonumber(low[3] or 0)
if rate > 0 then
  if rate_until > now then rate = math.min(rate, tonumber(low[2])) end
  size = math.max(1, math.floor(rate * (1 - kept_rate)))
  redis.call('ZREMRANGEBYSCORE', sent, '-inf', now - window)
  room = math.min(room, size - redis.call('ZCARD', sent))
end
if all_places > 0 then
  local places = all_places
  if tonumber(low[5] or 0) > now then places = math.min(places, tonumber(low[4])) end
  if all_places > 1 then places = math.max(1, places - kept_places) end
  room = math.min(room, places - in_flight(workers, held, now))
end
local earlier = 0
local others = redis.call('HGETALL', waiting)
for i = 1, #others, 2 do
  local since, seen_until = string.match(others[i + 1], '(.+):(.+)')
  if tonumber(seen_until) <= now then redis.call('HDEL', waiting, others[i])
  elseif others[i] ~= worker and (is_ahead or tonumber(since) < now - waited) then earlier = earlier + 1 end
end
local granted = math.max(0, math.min(count, room - earlier))

for i = 1, granted do
  if rate > 0 then redis.call('ZADD', sent, now, worker .. '.' .. (first + i - 1)) end
end
if granted > 0 then
  redis.call('HINCRBY', held, worker, granted)
  redis.call('PEXPIRE', held, ${KEPT_MS})
  redis.call('PEXPIRE', sent, ${KEPT_MS})
end
if granted == count then
  if not is_ahead then redis.call('HDEL', waiting, worker) end
  return { granted, 0 }
end
if not is_ahead then
  redis.call('HSET', waiting, worker, (now - waited) .. ':' .. (now + patience))
  redis.call('PEXPIRE', waiting, ${KEPT_MS})
end
if rate > 0 then
  local blocking = redis.call('ZRANGE', sent, -size, -size, 'WITHSCORES')[2]
  if blocking then
    local wait = tonumber(blocking) + window - now
    if rate_until > now then wait = math.min(wait, rate_until - now) end
    return { granted, math.max(1, math.ceil(wait)) }
  end
end
return { granted, -1 }
`;

/** Gives back a worker's place, when one is named, and the part of the minute of a grant, when one is named. */
export const RELEASE = `
if ARGV[2] ~= '' then redis.call('ZREM', KEYS[2], ARGV[2]) end
if ARGV[1] ~= '' and redis.call('HINCRBY', KEYS[1], ARGV[1], -1) <= 0 then redis.call('HDEL', KEYS[1], ARGV[1]) end
return 0
`;

/** A 429: what came through is the limit for a while. The refused request is still held. */
export const LOWER = `${PRELUDE}
local workers, held, sent, lowered = KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local now, is_concurrency, retry_after = time_ms(KEYS[1], ARGV[1], ARGV[2]), ARGV[3] == '1', tonumber(ARGV[4])
local window, rate_ms, places_ms, probes = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local paused_until = math.max(tonumber(redis.call('HGET', lowered, 'paused_until') or 0), now + retry_after)
redis.call('HSET', lowered, 'paused_until', paused_until)
if is_concurrency then
  local places = math.max(1, in_flight(workers, held, now) - 1)
  redis.call('HSET', lowered, 'places', places, 'places_until', now + places_ms)
else
  redis.call('ZREMRANGEBYSCORE', sent, '-inf', now - window)
  local rate = math.max(1, redis.call('ZCARD', sent) - 1) + probes
  redis.call('HSET', lowered, 'rate', rate, 'rate_until', now + rate_ms)
end
redis.call('PEXPIRE', lowered, math.max(${KEPT_MS}, retry_after))
return 0
`;

/**
 * A sign of life. What a worker holds is what it says here, so that nothing that was lost on the way stays lost; what it
 * has sent in the last minute goes along when Redis may not know of it. Keys: clock, workers, since, then held and sent of
 * each product. Answers the time, the number of workers, the age of the data, and of each product the ages of what others
 * have sent.
 */
export const BEAT = `${PRELUDE}
local workers, since, worker = KEYS[2], KEYS[3], ARGV[3]
local now, ttl, window = time_ms(KEYS[1], ARGV[1], ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[5])
redis.call('ZADD', workers, now + ttl, worker)
redis.call('ZREMRANGEBYSCORE', workers, '-inf', now)
redis.call('SET', since, now, 'NX')
for _, key in ipairs({ workers, since }) do redis.call('PEXPIRE', key, ${KEPT_MS}) end
local answer = { now, redis.call('ZCARD', workers), now - tonumber(redis.call('GET', since)) }
local at = 6
for i = 4, #KEYS, 2 do
  local held, sent = KEYS[i], KEYS[i + 1]
  local holds, sends = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  at = at + 2
  if holds > 0 then redis.call('HSET', held, worker, holds) else redis.call('HDEL', held, worker) end
  for _ = 1, sends do
    redis.call('ZADD', sent, 'NX', now - tonumber(ARGV[at + 1]), ARGV[at])
    at = at + 2
  end
  redis.call('PEXPIRE', held, ${KEPT_MS})
  redis.call('PEXPIRE', sent, ${KEPT_MS})
  local ages, mine = {}, worker .. '.'
  local all = redis.call('ZRANGEBYSCORE', sent, '(' .. (now - window), '+inf', 'WITHSCORES')
  for j = 1, #all, 2 do
    if string.sub(all[j], 1, #mine) ~= mine then ages[#ages + 1] = now - tonumber(all[j + 1]) end
  end
  answer[#answer + 1] = ages
end
return answer
`;

/** A worker that ends gives back at once what it held. Keys: workers, then held of each product. */
export const LEAVE = `
redis.call('ZREM', KEYS[1], ARGV[1])
for i = 2, #KEYS do redis.call('HDEL', KEYS[i], ARGV[1]) end
return 0
`;
