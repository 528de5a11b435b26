/*
 * The record of an artifact whose bytes are stored. All that it changes is changed at once:
 *   record/CALLER/HANDLE             the record
 *   content/CALLER/DIGEST/HANDLE     its session
 *   version/CALLER/H/N               handle, id and number of each of this name in this session
 *   name/CALLER/H                    the same of the newest
 *   manifest/DIGEST                  the blocks
 *   usage/tenant, usage/CALLER/S     what is used
 * What another has changed since it was read makes a conflict, and all is read again.
 */
#include <stdio.h>
#include <string.h>

#include "core/artifact/upload.h"
#include "core/base/format.h"
#include "core/base/str.h"
#include "core/base/time_text.h"
#include "core/json/json.h"
#include "core/json/writer.h"

#define TRIES_MAX 50

/* Of "name/...": HANDLE, id and ten digits of the number, a space between them. */
#define HEAD_ID ((size_t)HANDLE_SIZE)
#define HEAD_NUMBER (HEAD_ID + BLAKE3_TEXT_SIZE)
#define HEAD_LEN (HEAD_NUMBER + 10)

static step read_head, took_head, took_tenant, took_session, write_record, wrote_record, same, took_same;

static struct str fact(struct request *r, const char *name)
{
    return job_text(r, name);
}

void upload_commit(struct request *r)
{
    struct upload *upload = r->upload;
    struct commit *c = &upload->commit;
    uint8_t digest[BLAKE3_BYTES];
    if (job_now(r) - upload->begun_ms > UPLOAD_TOTAL_MS) {
        job_failf(r, ST_TIMEOUT, "the upload took more than 50 minutes; begin again");
        return;
    }
    /* From here on the arguments are those of the begin. */
    r->args = json_root(upload->facts);
    buffer_clear(&r->scratch);
    memset(c, 0, sizeof(*c));
    blake3_final(&upload->hash, digest);
    blake3_text(digest, c->id);
    short_digest(fact(r, "session"), fact(r, "name"), c->name_digest);
    short_digest(fact(r, "session"), STR(""), c->session_digest);
    r->tries = 0;
    r->next = read_head;
}

static void read_head(struct request *r)
{
    char key[KEY_SIZE];
    key_of(key, "name/%s/%s", r->caller, r->upload->commit.name_digest);
    job_get(r, key, took_head);
}

static bool parse_head(struct str text, struct commit *c)
{
    if (text.len != HEAD_LEN)
        return false;
    memcpy(c->newest_handle, text.ptr, HANDLE_SIZE - 1);
    memcpy(c->newest_id, text.ptr + HEAD_ID, BLAKE3_TEXT_SIZE - 1);
    c->newest = 0;
    for (size_t i = HEAD_NUMBER; i < HEAD_LEN; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        c->newest = c->newest * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    return blake3_parse((struct str){c->newest_id, BLAKE3_TEXT_SIZE - 1}, NULL);
}

static void took_head(struct request *r)
{
    struct commit *c = &r->upload->commit;
    if (r->code != ST_NOT_FOUND && job_failed(r))
        return;
    c->head_version = r->version;
    c->newest = 0;
    c->newest_id[0] = '\0';
    if (!r->code && !parse_head(buffer_str(&r->value), c)) {
        job_failf(r, ST_INVALID,
                      "the list of versions of this name is damaged; restore it from a backup");
        return;
    }
    if (strcmp(c->newest_id, c->id) == 0)
        same(r);
    else
        job_get(r, "usage/tenant", took_tenant);
}

/* These bytes are the newest version already. */
static void same(struct request *r)
{
    char key[KEY_SIZE];
    key_of(key, "record/%s/%s", r->caller, r->upload->commit.newest_handle);
    job_get(r, key, took_same);
}

static void answer(struct request *r, struct str record, bool stored)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    json_begin_object(&w);
    json_put_raw(&w, STR("artifact"), record);
    json_put_bool(&w, STR("stored"), stored);
    json_end_object(&w);
    if (buffer_failed(&out))
        job_failf(r, ST_NOMEM, "out of memory");
    else
        job_answer(r, buffer_str(&out));
    buffer_clear(&out);
}

static void took_same(struct request *r)
{
    if (r->code == ST_NOT_FOUND && ++r->tries < TRIES_MAX) { /* removed in between */
        read_head(r);
        return;
    }
    if (!job_failed(r))
        answer(r, buffer_str(&r->value), false);
}

static bool take_usage(struct request *r, struct usage *usage, uint64_t *version)
{
    struct error err;
    if (r->code != ST_NOT_FOUND && job_failed(r))
        return false;
    *version = r->version;
    if (usage_parse(buffer_str(&r->value), usage, &err)) {
        job_fail(r, &err);
        return false;
    }
    return true;
}

static bool over(struct request *r, struct usage *usage, uint64_t limit, const char *whose,
                 const char *setting)
{
    usage->artifacts++;
    usage->bytes += r->upload->content.size;
    if (usage->bytes <= limit)
        return false;
    job_failf(r, ST_TOO_LARGE,
                  "the artifacts of this %s would have %" FORMAT_U64 " bytes and may have %" FORMAT_U64
                  "; remove some with artifact.remove, or raise %s",
                  whose, usage->bytes, limit, setting);
    return true;
}

static void took_tenant(struct request *r)
{
    struct commit *c = &r->upload->commit;
    char key[KEY_SIZE];
    if (!take_usage(r, &c->tenant, &c->tenant_version) ||
        over(r, &c->tenant, r->a->limits.tenant_bytes, "tenant", "artifacts.max_tenant_bytes"))
        return;
    if (!fact(r, "session").len) {
        write_record(r);
        return;
    }
    key_of(key, "usage/%s/%s", r->caller, c->session_digest);
    job_get(r, key, took_session);
}

static void took_session(struct request *r)
{
    struct commit *c = &r->upload->commit;
    if (take_usage(r, &c->session, &c->session_version) &&
        !over(r, &c->session, r->a->limits.session_bytes, "session", "artifacts.max_session_bytes"))
        write_record(r);
}

/* 16 digits that fall with time, so that the newest record comes first, and 16 of chance. */
static int make_handle(struct request *r, int64_t now, char handle[HANDLE_SIZE])
{
    const struct random_port *random = r->a->ports.random;
    uint64_t chance;
    int rc = random->fill(random->ctx, &chance, sizeof(chance), &r->err);
    if (!rc)
        snprintf(handle, HANDLE_SIZE, "%016" FORMAT_X64 "%016" FORMAT_X64, UINT64_MAX - (uint64_t)now, chance);
    return rc;
}

static void put_text(struct json_writer *w, const char *key, struct str text)
{
    if (text.len)
        json_put_string(w, str_from(key), text);
}

static void write_version(struct json_writer *w, const struct commit *c)
{
    json_key(w, STR("version"));
    json_begin_object(w);
    json_put_i64(w, STR("n"), (int64_t)c->newest + 1);
    if (c->newest)
        json_put_string(w, STR("previous"), str_from(c->newest_id));
    json_end_object(w);
}

static void describe(struct request *r, int64_t now, struct buffer *out)
{
    struct upload *upload = r->upload;
    const struct commit *c = &upload->commit;
    struct json_writer w = json_writer(out);
    struct json tags = json_get(r->args, STR("tags")), custom = json_get(r->args, STR("custom"));
    struct str kind = fact(r, "kind"), mime = fact(r, "mimeType");
    char time[TIME_TEXT_SIZE];
    time_text(now, time);
    json_begin_object(&w);
    json_put_string(&w, STR("id"), str_from(c->id));
    json_put_string(&w, STR("name"), fact(r, "name"));
    json_put_string(&w, STR("mimeType"), mime.len ? mime : STR("application/octet-stream"));
    json_put_string(&w, STR("kind"), kind.len ? kind : STR("custom"));
    json_put_i64(&w, STR("size"), (int64_t)upload->content.size);
    json_put_i64(&w, STR("storedBytes"), (int64_t)blocks_stored(&upload->content));
    json_put_raw(&w, STR("tags"), json_exists(tags) ? json_text(tags) : STR("[]"));
    put_text(&w, "session", fact(r, "session"));
    put_text(&w, "parent", fact(r, "parent"));
    write_version(&w, c);
    json_put_string(&w, STR("createdBy"), operation_context(r->call)->caller->id);
    json_put_string(&w, STR("createdAt"), str_from(time));
    if (json_exists(custom))
        json_put_raw(&w, STR("custom"), json_text(custom));
    json_end_object(&w);
}

#define CHANGES 7

/* The keys and values of one commit. */
struct draft {
    char keys[CHANGES][KEY_SIZE];
    char head[HEAD_LEN + 1];
    struct buffer content, tenant, session;
    struct kv_change changes[CHANGES];
    size_t count;
};

static void change(struct draft *d, struct str value, bool if_version, uint64_t version)
{
    d->changes[d->count] = (struct kv_change){.key = str_from(d->keys[d->count]), .value = value,
                                              .if_version = if_version, .version = version};
    d->count++;
}

static void draft_commit(struct request *r, struct draft *d)
{
    const struct commit *c = &r->upload->commit;
    struct str session = fact(r, "session");
    key_of(d->keys[0], "record/%s/%s", r->caller, c->handle);
    change(d, buffer_str(&r->out), true, 0);
    key_of(d->keys[1], "content/%s/%s/%s", r->caller, c->id + 7, c->handle);
    change(d, session, true, 0);
    key_of(d->keys[2], "name/%s/%s", r->caller, c->name_digest);
    snprintf(d->head, sizeof(d->head), "%s %s %010" FORMAT_U64, c->handle, c->id, c->newest + 1);
    change(d, str_from(d->head), true, c->head_version);
    key_of(d->keys[3], "version/%s/%s/%010" FORMAT_U64, r->caller, c->name_digest, c->newest + 1);
    change(d, str_from(d->head), true, 0);
    key_of(d->keys[4], "manifest/%s", c->id + 7);
    blocks_write(&r->upload->content, &d->content);
    change(d, buffer_str(&d->content), false, 0);
    key_of(d->keys[5], "usage/tenant");
    usage_write(&c->tenant, &d->tenant);
    change(d, buffer_str(&d->tenant), true, c->tenant_version);
    if (!session.len)
        return;
    key_of(d->keys[6], "usage/%s/%s", r->caller, c->session_digest);
    usage_write(&c->session, &d->session);
    change(d, buffer_str(&d->session), true, c->session_version);
}

static void write_record(struct request *r)
{
    struct commit *c = &r->upload->commit;
    int64_t now = job_now(r);
    struct draft d = {.content = BUFFER_INIT, .tenant = BUFFER_INIT, .session = BUFFER_INIT};
    if (make_handle(r, now, c->handle)) {
        struct error err = r->err;
        job_fail(r, &err);
        return;
    }
    r->upload->content.at_ms = now;
    buffer_reset(&r->out, 65536);
    describe(r, now, &r->out);
    draft_commit(r, &d);
    if (buffer_failed(&r->out) || buffer_failed(&d.content) || buffer_failed(&d.tenant) ||
        buffer_failed(&d.session))
        job_failf(r, ST_NOMEM, "out of memory");
    else
        job_apply(r, d.changes, d.count, wrote_record);
    buffer_clear(&d.content);
    buffer_clear(&d.tenant);
    buffer_clear(&d.session);
}

static void wrote_record(struct request *r)
{
    if (job_failed(r))
        return;
    if (!r->conflict)
        answer(r, buffer_str(&r->out), true);
    else if (++r->tries < TRIES_MAX)
        read_head(r);
    else
        job_failf(r, ST_BUSY, "too many others store artifacts at this moment; try again");
}
