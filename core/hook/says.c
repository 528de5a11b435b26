/* The answer of a plugin's hook, read strictly. */
#include "core/hook/hook.h"

#define DAY_MS 86400000
#define DELAY_MAX_MS 60000
#define ATTEMPTS_MAX 10
#define KEY_MAX 4096u
#define REASON_MAX 1024u

static int wrong(struct error *err, const char *what)
{
    return error_set(err, ST_PROTOCOL, "its answer %s", what);
}

/* A text of the answer, kept in says->own if it has escapes. `own` is reserved before: its texts must
 * not move. */
static int text(struct json answer, struct str member, size_t max, bool needed,
                struct hook_says *says, struct str *out, struct error *err)
{
    struct json value = json_get(answer, member);
    if (!json_exists(value) && !needed)
        return ST_OK;
    size_t at = says->own.len;
    if (json_type(value) != JSON_STRING)
        return error_set(err, ST_PROTOCOL, "its answer needs \"%.*s\", a text", STR_ARG(member));
    json_decode(value, &says->own);
    *out = buffer_part(&says->own, at, says->own.len - at);
    if ((needed && out->len == 0) || out->len > max)
        return error_set(err, ST_PROTOCOL, "its answer has a \"%.*s\" that is not 1 to %zu bytes long",
                         STR_ARG(member), max);
    return ST_OK;
}

static int number(struct json answer, struct str member, int64_t min, int64_t max, int64_t *out,
                  struct error *err)
{
    if (!json_int64(json_get(answer, member), out) || *out < min || *out > max)
        return error_set(err, ST_PROTOCOL,
                         "its answer needs \"%.*s\", a whole number from %lld to %lld", STR_ARG(member),
                         (long long)min, (long long)max);
    return ST_OK;
}

static int raw(struct json answer, struct str member, enum json_type type, struct hook_says *says,
               struct str *out, struct error *err)
{
    struct json value = json_get(answer, member);
    size_t at = says->own.len;
    if (!json_exists(value) || (type != JSON_NONE && json_type(value) != type))
        return error_set(err, ST_PROTOCOL, "its answer needs \"%.*s\"%s", STR_ARG(member),
                         type == JSON_OBJECT  ? ", an object"
                         : type == JSON_ARRAY ? ", an array"
                                              : "");
    buffer_add_str(&says->own, json_text(value));
    *out = buffer_part(&says->own, at, says->own.len - at);
    return ST_OK;
}

static int read_retry(struct json answer, struct hook_says *says, struct error *err)
{
    int64_t delay = 0, attempts = 0;
    int rc = number(answer, STR("delayMs"), 0, DELAY_MAX_MS, &delay, err);
    if (!rc)
        rc = number(answer, STR("maxAttempts"), 1, ATTEMPTS_MAX, &attempts, err);
    if (!rc) {
        says->delay_ms = (uint32_t)delay;
        says->attempts = (uint32_t)attempts;
    }
    return rc;
}

static int read_cache(struct json answer, struct hook_says *says, struct error *err)
{
    int64_t ttl = 0;
    int rc = number(answer, STR("ttlMs"), 1, DAY_MS, &ttl, err);
    if (!rc)
        rc = text(answer, STR("key"), KEY_MAX, true, says, &says->key, err);
    if (!rc)
        says->ttl_ms = (uint64_t)ttl;
    return rc;
}

static int read_forks(struct json answer, struct hook_says *says, struct error *err)
{
    struct json operations = json_get(answer, STR("operations"));
    int rc = raw(answer, STR("operations"), JSON_ARRAY, says, &says->operations, err);
    if (rc)
        return rc;
    if (json_count(operations) == 0 || json_count(operations) > HOOK_FORKS_MAX)
        return wrong(err, "must have 1 to 8 operations");
    struct json_iter it = json_iter(operations);
    while (json_next(&it))
        if (json_type(json_get(it.value, STR("target"))) != JSON_STRING)
            return wrong(err, "has an operation without a \"target\"");
    return ST_OK;
}

static int read_fields(struct json answer, enum hook_result result, struct hook_says *says,
                       struct error *err)
{
    switch (result) {
    case HOOK_MODIFIED:
        return raw(answer, STR("data"), JSON_OBJECT, says, &says->data, err);
    case HOOK_CANCEL:
        return text(answer, STR("reason"), REASON_MAX, true, says, &says->reason, err);
    case HOOK_REDIRECT:
        return text(answer, STR("target"), KEY_MAX, true, says, &says->target, err);
    case HOOK_REPLACE:
        return raw(answer, STR("value"), JSON_NONE, says, &says->value, err);
    case HOOK_RETRY:
        return read_retry(answer, says, err);
    case HOOK_FORK:
        return read_forks(answer, says, err);
    case HOOK_CACHE:
        return read_cache(answer, says, err);
    case HOOK_SKIPPED:
        return text(answer, STR("reason"), REASON_MAX, false, says, &says->reason, err);
    default:
        return ST_OK;
    }
}

static int find_result(struct json answer, enum hook_result *out, struct error *err)
{
    struct json named = json_get(answer, STR("result"));
    if (json_type(named) != JSON_STRING)
        return wrong(err, "is no object with a \"result\"");
    for (enum hook_result r = HOOK_CONTINUE; r < HOOK_RESULTS; r++)
        if (json_is(named, str_from(hook_result_name(r)))) {
            *out = r;
            return ST_OK;
        }
    return error_set(err, ST_PROTOCOL, "its answer has the unknown result %.*s",
                     (int)(json_text(named).len > 60 ? 60 : json_text(named).len),
                     json_text(named).ptr);
}

int hook_says_read(struct str json, struct hook_says *says, enum hook_result *result,
                   struct error *err)
{
    struct json_doc *doc;
    if (json.len > HOOK_ANSWER_MAX)
        return error_set(err, ST_PROTOCOL, "its answer has %zu bytes, more than 1 MiB", json.len);
    int rc = json_parse(json, &doc, err);
    if (rc) {
        error_prefix(err, "its answer is not JSON: ");
        return err ? (err->code = ST_PROTOCOL) : ST_PROTOCOL;
    }
    enum hook_result found = HOOK_CONTINUE;
    rc = buffer_reserve(&says->own, json.len) ? find_result(json_root(doc), &found, err)
                                              : error_set(err, ST_NOMEM, "out of memory");
    if (!rc)
        rc = read_fields(json_root(doc), found, says, err);
    json_free(doc);
    if (!rc)
        *result = found;
    return rc;
}
