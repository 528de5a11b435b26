#include "core/artifact/usage.h"

#include "core/artifact/request.h"
#include "core/json/json.h"
#include "core/json/writer.h"

void usage_write(const struct usage *usage, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_i64(&w, STR("artifacts"), (int64_t)usage->artifacts);
    json_put_i64(&w, STR("bytes"), (int64_t)usage->bytes);
    json_end_object(&w);
}

int usage_parse(struct str text, struct usage *out, struct error *err)
{
    struct json_doc *doc;
    int64_t artifacts, bytes;
    if (!text.len) {
        *out = (struct usage){0, 0};
        return ST_OK;
    }
    int rc = json_parse(text, &doc, err);
    if (rc)
        return rc;
    bool right = json_int64(json_get(json_root(doc), STR("artifacts")), &artifacts) &&
                 json_int64(json_get(json_root(doc), STR("bytes")), &bytes) && artifacts >= 0 &&
                 bytes >= 0;
    json_free(doc);
    if (!right)
        return error_set(err, ST_INVALID, "the count of what artifacts use is damaged");
    *out = (struct usage){(uint64_t)artifacts, (uint64_t)bytes};
    return ST_OK;
}

static step took_tenant, took_session, answer;

static void usage(struct request *r)
{
    job_get(r, "usage/tenant", took_tenant);
}

/* The answer grows in r->out. */
static bool add(struct request *r, const char *name, uint64_t limit)
{
    struct usage used;
    struct error err;
    struct json_writer w = {&r->out, r->out.len > 1};
    if (r->code != ST_NOT_FOUND && job_failed(r))
        return false;
    if (usage_parse(buffer_str(&r->value), &used, &err)) {
        job_fail(r, &err);
        return false;
    }
    json_key(&w, str_from(name));
    json_begin_object(&w);
    json_put_i64(&w, STR("artifacts"), (int64_t)used.artifacts);
    json_put_i64(&w, STR("bytes"), (int64_t)used.bytes);
    json_put_i64(&w, STR("limit"), (int64_t)limit);
    json_end_object(&w);
    return true;
}

static void took_tenant(struct request *r)
{
    struct str session = job_text(r, "session");
    char digest[CALLER_SIZE], key[KEY_SIZE];
    buffer_add_char(&r->out, '{');
    if (!add(r, "tenant", r->a->limits.tenant_bytes))
        return;
    if (!session.len) {
        answer(r);
        return;
    }
    short_digest(session, STR(""), digest);
    key_of(key, "usage/%s/%s", r->caller, digest);
    job_get(r, key, took_session);
}

static void took_session(struct request *r)
{
    if (add(r, "session", r->a->limits.session_bytes))
        answer(r);
}

static void answer(struct request *r)
{
    struct json_writer w = {&r->out, true};
    json_put_i64(&w, STR("artifactLimit"), (int64_t)r->a->limits.artifact_bytes);
    buffer_add_char(&r->out, '}');
    if (buffer_failed(&r->out))
        job_failf(r, ST_NOMEM, "out of memory");
    else
        job_answer(r, buffer_str(&r->out));
}

void artifact_usage(void *domain, struct operation_call *call)
{
    job_begin(domain, call, usage);
}
