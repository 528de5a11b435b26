/*
 * scripts.c - see scripts.h.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each text is one block of Lua; numbers are kept as decimal text, since Redis cuts those of Lua.
 */
#include "scripts.h"

/* K(kind, parts...) makes a key; parts have their length before them, so none can look like two. */
#define COMMON                                                                                     \
    "local gen = KEYS[2] "                                                                         \
    "if gen == '' then gen = redis.call('GET', KEYS[1] .. 'gen') or '0' end "                      \
    "local P = KEYS[1] .. gen .. ':' "                                                             \
    "local function K(kind, ...) "                                                                 \
    "  local s = P .. kind "                                                                       \
    "  for _, p in ipairs({...}) do s = s .. ':' .. #p .. ':' .. p end "                           \
    "  return s "                                                                                  \
    "end "                                                                                         \
    "local call, N = redis.call, function(x) return string.format('%.0f', x) end "                 \
    "local function now() local t = call('TIME') return t[1] * 1000 + math.floor(t[2] / 1000) end " \
    "local space = ARGV[1] "

static const char append[] = COMMON
    "if ARGV[2] ~= '' then "
    "  local before = call('GET', K('bk', space, ARGV[2])) "
    "  if before then return {'r', before} end "
    "end "
    "local at, total, streams = 4, 0, {} "
    "for i = 1, tonumber(ARGV[3]) do "
    "  local s = {key = K('st', space, ARGV[at]), quoted = ARGV[at + 1], n = tonumber(ARGV[at + 3])} "
    "  s.version = call('LLEN', s.key) "
    "  if ARGV[at + 2] ~= 'any' and ARGV[at + 2] ~= N(s.version) then "
    "    return {'c', N(i - 1), N(s.version)} "
    "  end "
    "  s.first = at + 4 "
    "  at = at + 4 + 3 * s.n "
    "  total = total + s.n "
    "  streams[i] = s "
    "end "
    "local position = call('INCRBY', K('pos'), total) - total "
    "local events, answer = K('ev', space), {} "
    "for i, s in ipairs(streams) do "
    "  for j = s.first, s.first + 3 * s.n - 1, 3 do "
    "    position = position + 1 "
    "    s.version = s.version + 1 "
    "    call('XADD', events, N(position) .. '-0', 's', s.quoted, 'v', N(s.version), 't', ARGV[j], "
    "         'a', ARGV[j + 1], 'b', ARGV[j + 2]) "
    "    call('RPUSH', s.key, N(position)) "
    "  end "
    "  answer[i] = s.quoted .. ':' .. N(s.version) "
    "end "
    "local text = '{\"position\":' .. N(position) .. ',\"versions\":{' .. table.concat(answer, ',') .. "
    "  '},' "
    "if ARGV[2] ~= '' then call('SET', K('bk', space, ARGV[2]), text, 'PX', 86400000) end "
    "return {'a', text} ";

/* stream, from, to (of what is there), step, until, limit, most bytes. Answers last version, whether it
 * has looked at all, the version to go on with, and events. */
static const char read_stream[] = COMMON
    "local list, events = K('st', space, ARGV[2]), K('ev', space) "
    "local last, step = call('LLEN', list), tonumber(ARGV[5]) "
    "local from, to = tonumber(ARGV[3]), math.min(tonumber(ARGV[4]), last) "
    "local version, stop, size = step > 0 and from or to, step > 0 and to or from, 0 "
    "local out = {'', '', ''} "
    "while (stop - version) * step >= 0 and #out < 4 * tonumber(ARGV[7]) + 3 and "
    "      size < tonumber(ARGV[8]) do "
    "  local id = call('LINDEX', list, version - 1) .. '-0' "
    "  local e = call('XRANGE', events, id, id)[1][2] "
    "  if ARGV[6] == '' or e[8] <= ARGV[6] then "
    "    for _, x in ipairs({e[2], e[4], (string.gsub(id, '-0$', '')), e[10]}) do out[#out + 1] = x end "
    "    size = size + #e[10] "
    "  end "
    "  version = version + step "
    "end "
    "out[1], out[2], out[3] = N(last), (stop - version) * step < 0 and '1' or '0', N(version) "
    "return out ";

/* after, limit, most bytes, types... Answers the position that it has looked at, whether that is all, and
 * events. */
static const char read_all[] = COMMON
    "local wanted, any = {}, ARGV[5] == nil "
    "for i = 5, #ARGV do wanted[ARGV[i]] = true end "
    "local key, position, size, out = K('ev', space), ARGV[2], 0, {'', ''} "
    "local all, looked = '0', 0 "
    "while #out < 4 * tonumber(ARGV[3]) + 2 and size < tonumber(ARGV[4]) and looked < 20000 do "
    "  local some = call('XRANGE', key, '(' .. position .. '-0', '+', 'COUNT', 100) "
    "  if #some == 0 then all = '1' break end "
    "  for _, one in ipairs(some) do "
    "    local e = one[2] "
    "    if #out >= 4 * tonumber(ARGV[3]) + 2 or size >= tonumber(ARGV[4]) then break end "
    "    position = string.gsub(one[1], '-0$', '') "
    "    looked = looked + 1 "
    "    if any or wanted[e[6]] then "
    "      for _, x in ipairs({e[2], e[4], position, e[10]}) do out[#out + 1] = x end "
    "      size = size + #e[10] "
    "    end "
    "  end "
    "end "
    "if all == '0' and #call('XRANGE', key, '(' .. position .. '-0', '+', 'COUNT', 1) == 0 then "
    "  all = '1' "
    "end "
    "out[1], out[2] = position, all "
    "return out ";

/* Removes the rows of a projection; sets rows from ARGV[at] on: key, '1' or '0' for none, value. */
#define ROWS                                                                        \
    "local function drop_rows(id) call('DEL', K('px', space, id), K('pv', space, id)) end " \
    "local function set_rows(id, at) "                                              \
    "  local keys, values = K('px', space, id), K('pv', space, id) "                \
    "  for i = at, #ARGV, 3 do "                                                    \
    "    if ARGV[i + 1] == '1' then "                                               \
    "      call('ZADD', keys, 0, ARGV[i]) call('HSET', values, ARGV[i], ARGV[i + 2]) " \
    "    else call('ZREM', keys, ARGV[i]) call('HDEL', values, ARGV[i]) end "       \
    "  end "                                                                        \
    "end "                                                                          \
    "local function number(name) "                                                  \
    "  local id = call('HGET', K('pn', space), name) "                              \
    "  if not id then "                                                             \
    "    id = N(call('INCR', K('pid'))) call('HSET', K('pn', space), name, id) "    \
    "  end "                                                                        \
    "  return id "                                                                  \
    "end "

/* projection, expected, position, '1' to reset, replaces, rows... */
static const char project[] = COMMON ROWS
    "local id = call('HGET', K('pn', space), ARGV[2]) "
    "local actual = id and call('HGET', K('pp', space), id) or '0' "
    "if actual ~= ARGV[3] then return {'c', actual} end "
    "id = number(ARGV[2]) "
    "if ARGV[5] == '1' then drop_rows(id) end "
    "set_rows(id, 7) "
    "call('HSET', K('pp', space), id, ARGV[4]) "
    "if ARGV[6] ~= '' and ARGV[6] ~= ARGV[2] then "
    "  local other = call('HGET', K('pn', space), ARGV[6]) "
    "  if other then drop_rows(other) call('HDEL', K('pp', space), other) end "
    "  call('HDEL', K('pn', space), ARGV[2]) "
    "  call('HSET', K('pn', space), ARGV[6], id) "
    "end "
    "return {'p'} ";

/* projection, min, max, '1' for backward, limit; or min '=' and the key as max. */
static const char rows[] = COMMON
    "local id = call('HGET', K('pn', space), ARGV[2]) "
    "if not id then return {'0'} end "
    "local keys, out = {}, {call('HGET', K('pp', space), id)} "
    "if ARGV[3] == '=' then keys = {ARGV[4]} "
    "elseif ARGV[5] == '1' then "
    "  keys = call('ZREVRANGEBYLEX', K('px', space, id), ARGV[4], ARGV[3], 'LIMIT', 0, ARGV[6]) "
    "else keys = call('ZRANGEBYLEX', K('px', space, id), ARGV[3], ARGV[4], 'LIMIT', 0, ARGV[6]) end "
    "for _, key in ipairs(keys) do "
    "  local value = call('HGET', K('pv', space, id), key) "
    "  if value then out[#out + 1] = key out[#out + 1] = value end "
    "end "
    "return out ";

/* meta(key): version and time of expiry (0: never) of a value that is alive, or nil. */
#define VALUES                                                                        \
    "local at = now() "                                                               \
    "local function meta(key) "                                                       \
    "  local m = call('HGET', K('km', space), key) "                                  \
    "  if not m then return nil end "                                                 \
    "  local version, expires = string.match(m, '(%d+) (%d+)') "                      \
    "  if expires ~= '0' and tonumber(expires) <= at then return nil end "            \
    "  return version, expires "                                                      \
    "end "                                                                            \
    "local function drop(space, key) "                                                \
    "  call('HDEL', K('km', space), key) call('HDEL', K('kv', space), key) "          \
    "  call('ZREM', K('kx', space), key) "                                            \
    "  call('ZREM', K('ke'), #space .. ':' .. space .. key) "                         \
    "end "                                                                            \
    "local function put(key, version, expires, value) "                               \
    "  call('HSET', K('km', space), key, version .. ' ' .. expires) "                 \
    "  call('HSET', K('kv', space), key, value) "                                     \
    "  call('ZADD', K('kx', space), 0, key) "                                         \
    "  local name = #space .. ':' .. space .. key "                                   \
    "  if expires == '0' then call('ZREM', K('ke'), name) "                           \
    "  else call('ZADD', K('ke'), expires, name) end "                                \
    "end "

/* changes: key, 's' or 'r', version or '', time to live, value. */
static const char change[] = COMMON VALUES
    "for _, name in ipairs(call('ZRANGEBYSCORE', K('ke'), '-inf', at, 'LIMIT', 0, 16)) do "
    "  local len, rest = string.match(name, '^(%d+):()') "
    "  len = tonumber(len) "
    "  drop(string.sub(name, rest, rest + len - 1), string.sub(name, rest + len)) "
    "end "
    "local actual, out = {}, {'v'} "
    "for i = 2, #ARGV, 5 do "
    "  actual[i] = meta(ARGV[i]) "
    "  if ARGV[i + 2] ~= '' and ARGV[i + 2] ~= (actual[i] or '0') then "
    "    return {'c', N((i - 2) / 5), actual[i] or '0'} "
    "  end "
    "end "
    "for i = 2, #ARGV, 5 do "
    "  local version = '0' "
    "  if ARGV[i + 1] == 's' or actual[i] then version = N(call('INCR', K('ver'))) end "
    "  if ARGV[i + 1] == 'r' then drop(space, ARGV[i]) "
    "  else "
    "    local expires = '0' "
    "    if ARGV[i + 3] ~= '0' then expires = N(at + tonumber(ARGV[i + 3])) end "
    "    put(ARGV[i], version, expires, ARGV[i + 4]) "
    "  end "
    "  out[#out + 1] = version "
    "end "
    "return out ";

static const char get[] = COMMON VALUES
    "local version, expires = meta(ARGV[2]) "
    "if not version then return {} end "
    "local ttl = '0' "
    "if expires ~= '0' then ttl = N(math.max(tonumber(expires) - at, 1)) end "
    "return {version, ttl, call('HGET', K('kv', space), ARGV[2])} ";

/* min, max, limit, bytes above which a value is not given (0: none is). Answers whether there is more, and
 * key, version, bytes, time to live, value. */
static const char list[] = COMMON VALUES
    "local out, min, limit = {'0'}, ARGV[2], tonumber(ARGV[4]) "
    "while true do "
    "  local keys = call('ZRANGEBYLEX', K('kx', space), min, ARGV[3], 'LIMIT', 0, limit + 1) "
    "  for _, key in ipairs(keys) do "
    "    local version, expires = meta(key) "
    "    if version then "
    "      if #out > 5 * limit then out[1] = '1' return out end "
    "      local size, ttl, value = call('HSTRLEN', K('kv', space), key), '0', '' "
    "      if expires ~= '0' then ttl = N(math.max(tonumber(expires) - at, 1)) end "
    "      if size <= tonumber(ARGV[5]) then value = call('HGET', K('kv', space), key) end "
    "      for _, x in ipairs({key, version, N(size), ttl, value}) do out[#out + 1] = x end "
    "    end "
    "    min = '(' .. key "
    "  end "
    "  if #keys <= limit then return out end "
    "end ";

/* id, bytes. A put that nobody ends is gone after a day. */
static const char blob_write[] = COMMON
    "local key = K('up', ARGV[2]) "
    "call('APPEND', key, ARGV[3]) "
    "call('PEXPIRE', key, 86400000) "
    "return {'w'} ";

/* id, key, size, the last bytes: the blob is kept; without a key it is dropped. */
static const char blob_end[] = COMMON
    "local from = K('up', ARGV[2]) "
    "if ARGV[3] == '' then call('UNLINK', from) return {'d'} end "
    "if call('HEXISTS', K('bs', space), ARGV[3]) == 1 then call('UNLINK', from) return {'0'} end "
    "if ARGV[5] ~= '' then call('APPEND', from, ARGV[5]) end "
    "if N(call('STRLEN', from)) ~= ARGV[4] then call('UNLINK', from) return {'l'} end "
    "if ARGV[4] == '0' then call('SET', K('bb', space, ARGV[3]), '') "
    "else "
    "  call('PERSIST', from) call('RENAME', from, K('bb', space, ARGV[3])) "
    "end "
    "call('HSET', K('bs', space), ARGV[3], ARGV[4]) "
    "call('ZADD', K('bx', space), 0, ARGV[3]) "
    "return {'1'} ";

/* key, from, to (both included; to before from: only the size). */
static const char blob_read[] = COMMON
    "local size = call('HGET', K('bs', space), ARGV[2]) "
    "if not size then return {} end "
    "if tonumber(ARGV[4]) < tonumber(ARGV[3]) then return {size, ''} end "
    "return {size, call('GETRANGE', K('bb', space, ARGV[2]), ARGV[3], ARGV[4])} ";

static const char blob_list[] = COMMON
    "local out = {} "
    "for _, key in ipairs(call('ZRANGEBYLEX', K('bx', space), ARGV[2], '+', 'LIMIT', 0, ARGV[3])) do "
    "  out[#out + 1] = key out[#out + 1] = call('HGET', K('bs', space), key) "
    "end "
    "return out ";

static const char blob_remove[] = COMMON
    "call('UNLINK', K('bb', space, ARGV[2])) call('HDEL', K('bs', space), ARGV[2]) "
    "return {N(call('ZREM', K('bx', space), ARGV[2]))} ";

#define DOCUMENTS                                                                    \
    "local function drop(id) "                                                       \
    "  local words = call('HGET', K('dt', space), id) "                              \
    "  if not words then return 0 end "                                              \
    "  for word in string.gmatch(words, '%S+') do call('HDEL', K('tm', space, word), id) end " \
    "  call('DECRBY', K('dw', space), call('HGET', K('dl', space), id)) "            \
    "  call('HDEL', K('dt', space), id) call('HDEL', K('dl', space), id) "           \
    "  call('HDEL', K('dj', space), id) "                                            \
    "  return 1 "                                                                    \
    "end "

/* documents: id, json, number of words, number of different words, and each with its count. */
static const char index_documents[] = COMMON DOCUMENTS
    "local at = 2 "
    "while at <= #ARGV do "
    "  local id, words, n = ARGV[at], {}, tonumber(ARGV[at + 3]) "
    "  drop(id) "
    "  for i = at + 4, at + 3 + 2 * n, 2 do "
    "    words[#words + 1] = ARGV[i] call('HSET', K('tm', space, ARGV[i]), id, ARGV[i + 1]) "
    "  end "
    "  call('HSET', K('dj', space), id, ARGV[at + 1]) "
    "  call('HSET', K('dl', space), id, ARGV[at + 2]) "
    "  call('HSET', K('dt', space), id, table.concat(words, ' ')) "
    "  call('INCRBY', K('dw', space), ARGV[at + 2]) "
    "  at = at + 4 + 2 * n "
    "end "
    "return {'i'} ";

/* '1' for all, or ids. */
static const char unindex[] = COMMON DOCUMENTS
    "local ids, removed = {}, 0 "
    "if ARGV[2] == '1' then ids = call('HKEYS', K('dj', space)) "
    "else for i = 3, #ARGV do ids[#ids + 1] = ARGV[i] end end "
    "for _, id in ipairs(ids) do removed = removed + drop(id) end "
    "return {N(removed)} ";

/* words... Answers how many documents and words there are, how many documents have each word, and for each
 * document with all of them its id, its number of words, and the count of each. */
static const char find[] = COMMON
    "local out = {N(call('HLEN', K('dj', space))), call('GET', K('dw', space)) or '0'} "
    "local fewest, least = nil, nil "
    "for i = 2, #ARGV do "
    "  local n = call('HLEN', K('tm', space, ARGV[i])) "
    "  out[#out + 1] = N(n) "
    "  if not least or n < least then fewest, least = ARGV[i], n end "
    "end "
    "if not fewest then return out end "
    "for _, id in ipairs(call('HKEYS', K('tm', space, fewest))) do "
    "  local one = {id, call('HGET', K('dl', space), id)} "
    "  for i = 2, #ARGV do "
    "    local count = call('HGET', K('tm', space, ARGV[i]), id) "
    "    if not count then one = nil break end "
    "    one[#one + 1] = count "
    "  end "
    "  if one then for _, x in ipairs(one) do out[#out + 1] = x end end "
    "end "
    "return out ";

/* ids..., or none for all: id and json of each. */
static const char documents[] = COMMON
    "local ids, out = {}, {} "
    "if #ARGV == 1 then ids = call('HKEYS', K('dj', space)) end "
    "for i = 2, #ARGV do ids[#ids + 1] = ARGV[i] end "
    "for _, id in ipairs(ids) do "
    "  local json = call('HGET', K('dj', space), id) "
    "  if json then out[#out + 1] = id out[#out + 1] = json end "
    "end "
    "return out ";

/* stream, quoted, version, position, type, at, body. */
static const char load_event[] = COMMON
    "if N(call('LLEN', K('st', space, ARGV[2])) + 1) ~= ARGV[4] then return {'o'} end "
    "local last = call('XREVRANGE', K('ev', space), '+', '-', 'COUNT', 1)[1] "
    "if last and tonumber((string.gsub(last[1], '-0$', ''))) >= tonumber(ARGV[5]) then "
    "  return {'o'} "
    "end "
    "call('XADD', K('ev', space), ARGV[5] .. '-0', 's', ARGV[3], 'v', ARGV[4], 't', ARGV[6], "
    "     'a', ARGV[7], 'b', ARGV[8]) "
    "call('RPUSH', K('st', space, ARGV[2]), ARGV[5]) "
    "if tonumber(call('GET', K('pos')) or '0') < tonumber(ARGV[5]) then "
    "  call('SET', K('pos'), ARGV[5]) "
    "end "
    "return {'e'} ";

/* key, version, expires, value. */
static const char load_value[] = COMMON VALUES
    "put(ARGV[2], ARGV[3], ARGV[4], ARGV[5]) "
    "if tonumber(call('GET', K('ver')) or '0') < tonumber(ARGV[3]) then "
    "  call('SET', K('ver'), ARGV[3]) "
    "end "
    "return {'v'} ";

/* projection, position, rows... */
static const char load_rows[] = COMMON ROWS
    "local id = number(ARGV[2]) "
    "set_rows(id, 4) "
    "call('HSET', K('pp', space), id, ARGV[3]) "
    "return {'p'} ";

/* The generation of KEYS[2] is the one in use; the counters go on from the higher ones. Answers the one
 * before. */
static const char load_end[] = COMMON
    "local before = call('GET', KEYS[1] .. 'gen') or '0' "
    "for _, name in ipairs({'pos', 'ver'}) do "
    "  local old = tonumber(call('GET', KEYS[1] .. before .. ':' .. name) or '0') "
    "  if old > tonumber(call('GET', K(name)) or '0') then call('SET', K(name), N(old)) end "
    "end "
    "call('SET', KEYS[1] .. 'gen', KEYS[2]) "
    "return {before} ";

const char *script_text(enum script script)
{
    static const char *const texts[SCRIPTS] = {
        [SCRIPT_APPEND] = append,
        [SCRIPT_READ] = read_stream,
        [SCRIPT_READ_ALL] = read_all,
        [SCRIPT_PROJECT] = project,
        [SCRIPT_ROWS] = rows,
        [SCRIPT_CHANGE] = change,
        [SCRIPT_GET] = get,
        [SCRIPT_LIST] = list,
        [SCRIPT_BLOB_WRITE] = blob_write,
        [SCRIPT_BLOB_END] = blob_end,
        [SCRIPT_BLOB_READ] = blob_read,
        [SCRIPT_BLOB_LIST] = blob_list,
        [SCRIPT_BLOB_REMOVE] = blob_remove,
        [SCRIPT_INDEX] = index_documents,
        [SCRIPT_UNINDEX] = unindex,
        [SCRIPT_FIND] = find,
        [SCRIPT_DOCUMENTS] = documents,
        [SCRIPT_LOAD_EVENT] = load_event,
        [SCRIPT_LOAD_VALUE] = load_value,
        [SCRIPT_LOAD_ROWS] = load_rows,
        [SCRIPT_LOAD_END] = load_end,
    };
    return texts[script];
}
