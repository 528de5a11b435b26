/* Results that may be used again, each for the caller and thing that it was of: the least recently used
 * ones go first. */
#include <stdlib.h>

#include "core/hook/hook.h"

#define ENTRIES_MAX 1000u
#define BYTES_MAX ((size_t)16 << 20)
#define BUCKETS 1024u

struct kept {
    struct kept *in_bucket;
    struct kept *newer, *older;
    uint64_t hash;
    uint64_t until_ns;
    size_t key_len, value_len;
    char bytes[]; /* the key, the value */
};

struct hook_cache {
    struct kept *buckets[BUCKETS];
    struct kept *newest, *oldest;
    size_t count, bytes;
    struct buffer key;
};

struct hook_cache *hook_cache_new(void)
{
    return calloc(1, sizeof(struct hook_cache));
}

static struct kept **place_of(struct hook_cache *cache, uint64_t hash, struct str key)
{
    struct kept **at = &cache->buckets[hash % BUCKETS];
    while (*at && ((*at)->hash != hash || !str_eq((struct str){(*at)->bytes, (*at)->key_len}, key)))
        at = &(*at)->in_bucket;
    return at;
}

static void unlink_used(struct hook_cache *cache, struct kept *k)
{
    *(k->newer ? &k->newer->older : &cache->newest) = k->older;
    *(k->older ? &k->older->newer : &cache->oldest) = k->newer;
}

static void link_newest(struct hook_cache *cache, struct kept *k)
{
    k->newer = NULL;
    k->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = k;
    cache->newest = k;
}

static void drop(struct hook_cache *cache, struct kept **at)
{
    struct kept *k = *at;
    *at = k->in_bucket;
    unlink_used(cache, k);
    cache->count--;
    cache->bytes -= k->key_len + k->value_len;
    free(k);
}

static void drop_oldest(struct hook_cache *cache)
{
    struct kept *k = cache->oldest;
    drop(cache, place_of(cache, k->hash, (struct str){k->bytes, k->key_len}));
}

void hook_cache_free(struct hook_cache *cache)
{
    if (!cache)
        return;
    while (cache->oldest)
        drop_oldest(cache);
    buffer_clear(&cache->key);
    free(cache);
}

static uint64_t hash_of(struct str text)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * 1099511628211u;
    return hash;
}

static void add_part(struct buffer *out, struct str part)
{
    buffer_add_u64(out, part.len);
    buffer_add_char(out, ':');
    buffer_add_str(out, part);
}

/* What one caller may see, another may not: the key holds who asked. */
static bool full_key(struct hook_cache *cache, const struct hook_event *event, struct str key)
{
    const struct caller *caller = event->context ? event->context->caller : NULL;
    buffer_reset(&cache->key, 65536);
    add_part(&cache->key, str_from(hook_point_facts(event->point)->group));
    add_part(&cache->key, event->target);
    add_part(&cache->key, caller ? caller->tenant : STR(""));
    add_part(&cache->key, caller ? caller->id : STR(""));
    buffer_add_str(&cache->key, key);
    return !buffer_failed(&cache->key);
}

static uint64_t now(const struct hooks *hooks)
{
    return hooks->parts.clock->monotonic_ns(hooks->parts.clock->ctx);
}

bool hooks_cache_get(struct hooks *hooks, const struct hook_event *event, struct str key,
                     struct buffer *out)
{
    struct hook_cache *cache = hooks->cache;
    if (!cache->count || !full_key(cache, event, key))
        return false;
    struct str whole = buffer_str(&cache->key);
    struct kept **at = place_of(cache, hash_of(whole), whole);
    if (!*at)
        return false;
    if ((*at)->until_ns <= now(hooks)) {
        drop(cache, at);
        return false;
    }
    struct kept *k = *at;
    unlink_used(cache, k);
    link_newest(cache, k);
    buffer_add(out, k->bytes + k->key_len, k->value_len);
    return !buffer_failed(out);
}

void hooks_cache_put(struct hooks *hooks, const struct hook_event *event, struct str key,
                     uint64_t ttl_ms, struct str result)
{
    struct hook_cache *cache = hooks->cache;
    if (!full_key(cache, event, key) || cache->key.len + result.len > BYTES_MAX / 4)
        return;
    struct str whole = buffer_str(&cache->key);
    uint64_t hash = hash_of(whole);
    struct kept **at = place_of(cache, hash, whole);
    if (*at)
        drop(cache, at);
    while (cache->count && (cache->count >= ENTRIES_MAX ||
                            cache->bytes + whole.len + result.len > BYTES_MAX))
        drop_oldest(cache);
    struct kept *k = malloc(sizeof(*k) + whole.len + result.len);
    if (!k)
        return;
    *k = (struct kept){.hash = hash,
                       .until_ns = now(hooks) + ttl_ms * 1000000u,
                       .key_len = whole.len,
                       .value_len = result.len};
    memcpy(k->bytes, whole.ptr, whole.len);
    memcpy(k->bytes + whole.len, result.ptr, result.len);
    k->in_bucket = cache->buckets[hash % BUCKETS];
    cache->buckets[hash % BUCKETS] = k;
    link_newest(cache, k);
    cache->count++;
    cache->bytes += whole.len + result.len;
}
