/* From a request to what is to be done. */
#include <stdlib.h>

#include "adapters/driven/kv/inside.h"
#include "core/json/json.h"

/* Appends the text, and gives its place for later, as the memory may move. */
static int add_text(struct kv_ask *a, struct json value, size_t *at, size_t *len, struct error *err)
{
    *at = a->memory.len;
    json_decode(value, &a->memory);
    *len = a->memory.len - *at;
    return buffer_failed(&a->memory) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

static int check_key(struct str key, bool empty_too, const char *what, struct error *err)
{
    if ((key.len == 0 && !empty_too) || key.len > KV_KEY_MAX)
        return error_set(err, ST_INVALID, "%s of %zu bytes; 1 to %d are allowed", what, key.len,
                         KV_KEY_MAX);
    if (key.len && memchr(key.ptr, '\0', key.len))
        return error_set(err, ST_INVALID, "%s with a NUL", what);
    return ST_OK;
}

static int read_numbers(struct kv_ask *a, struct json q, struct error *err)
{
    int64_t number;
    if (json_exists(json_get(q, STR("ttlMs")))) {
        if (!json_int64(json_get(q, STR("ttlMs")), &number) || number < 0 ||
            number > KV_TTL_MAX_MS)
            return error_set(err, ST_INVALID, "a key may live for 0 (for ever) to %lld ms",
                             (long long)KV_TTL_MAX_MS);
        a->ttl_ms = (uint64_t)number;
    }
    if (json_exists(json_get(q, STR("ifVersion")))) {
        if (!json_int64(json_get(q, STR("ifVersion")), &number) || number < 0)
            return error_set(err, ST_INVALID, "the expected version is no number of a version");
        a->conditional = true;
        a->version = (uint64_t)number;
    }
    if (a->op == KV_LIST) {
        if (!json_int64(json_get(q, STR("limit")), &number) || number < 1 || number > KV_LIST_MAX)
            return error_set(err, ST_INVALID, "a list may have 1 to %d keys", KV_LIST_MAX);
        a->limit = (uint32_t)number;
    }
    return ST_OK;
}

static int read_request(struct kv_ask *a, const struct service_request *q, struct json params,
                        struct error *err)
{
    static const char *const names[] = {"key", "prefix", "after"};
    struct str *const texts[] = {&a->key, &a->prefix, &a->after};
    size_t at[3], plugin_at, value_at;
    int rc = ST_OK;
    for (size_t i = 0; !rc && i < 3; i++)
        rc = add_text(a, json_get(params, str_from(names[i])), &at[i], &texts[i]->len, err);
    if (rc)
        return rc;
    plugin_at = a->memory.len;
    buffer_add_str(&a->memory, q->plugin);
    value_at = a->memory.len;
    buffer_add_str(&a->memory, q->bytes);
    if (buffer_failed(&a->memory))
        return error_set(err, ST_NOMEM, "out of memory");
    for (size_t i = 0; i < 3; i++)
        texts[i]->ptr = a->memory.data + at[i];
    a->plugin = buffer_part(&a->memory, plugin_at, q->plugin.len);
    a->value = buffer_part(&a->memory, value_at, q->bytes.len);
    rc = read_numbers(a, params, err);
    if (!rc)
        rc = check_key(a->key, a->op == KV_LIST, "a key", err);
    if (!rc)
        rc = check_key(a->prefix, true, "a prefix", err);
    return rc ? rc : check_key(a->after, true, "a key to begin after", err);
}

int kv_ask_new(const struct service_request *q, struct kv_ask **out, struct error *err)
{
    struct json_doc *doc = NULL;
    if (q->op < KV_GET || q->op > KV_LIST)
        return error_set(err, ST_UNSUPPORTED, "hexmcp.kv/1 has no operation %u", q->op);
    if (q->bytes.len > KV_VALUE_MAX)
        return error_set(err, ST_TOO_LARGE, "a value of %zu bytes; at most %d are allowed",
                         q->bytes.len, KV_VALUE_MAX);
    int rc = json_parse(q->text, &doc, err);
    if (rc)
        return rc;
    struct kv_ask *a = calloc(1, sizeof(*a));
    rc = a ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
    if (a) {
        a->op = (enum kv_op)q->op;
        rc = read_request(a, q, json_root(doc), err);
    }
    json_free(doc);
    if (rc) {
        kv_ask_free(a);
        return rc;
    }
    *out = a;
    return ST_OK;
}

void kv_ask_free(struct kv_ask *a)
{
    if (!a)
        return;
    buffer_clear(&a->memory);
    buffer_clear(&a->text);
    buffer_clear(&a->bytes);
    free(a);
}
