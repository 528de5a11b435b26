/*
 * Removing records: those of one artifact, or all of a session. One record at a time, with its counts;
 * what is held by anybody stays. The bytes go with the next garbage collection.
 */
#include <stdio.h>
#include <string.h>

#include "core/artifact/request.h"
#include "core/artifact/usage.h"
#include "core/base/format.h"
#include "core/base/str.h"
#include "core/json/json.h"
#include "core/json/writer.h"

#define TRIES_MAX 50

static step begin, took_page, next_record, took_record, took_holder, took_tenant, took_session, took_versions,
    read_head, took_head, removed;

/* Stands behind the handles in r->keys. */
struct removal {
    char id[BLAKE3_TEXT_SIZE];
    char name_digest[CALLER_SIZE], session_digest[CALLER_SIZE];
    bool in_session;
    uint64_t size, n;
    struct usage tenant, session;
    uint64_t tenant_version, session_version, head_version;
    bool is_head;
};

static struct removal *removal(struct request *r)
{
    return (struct removal *)(void *)r->raw;
}

static void collect(struct request *r, const struct kv_entry *entry)
{
    struct str session = job_text(r, "session");
    if (job_text(r, "id").len && session.len && !str_eq(session, entry->value))
        return;
    if (entry->key.len >= HANDLE_SIZE - 1)
        buffer_add(&r->keys, entry->key.ptr + entry->key.len - (HANDLE_SIZE - 1), HANDLE_SIZE - 1);
}

/* All records of the caller are looked at when a whole session goes. */
static void collect_session(struct request *r, const struct kv_entry *entry)
{
    struct json_doc *doc;
    struct error err;
    if (json_parse(entry->value, &doc, &err))
        return;
    if (json_same_string(json_get(json_root(doc), STR("session")), json_get(r->args, STR("session"))))
        collect(r, entry);
    json_free(doc);
}

static void read_page(struct request *r, struct str after)
{
    char prefix[KEY_SIZE], digits[65];
    struct str id = job_text(r, "id");
    if (!id.len) {
        key_of(prefix, "record/%s/", r->caller);
        job_list(r, prefix, after, 200, true, collect_session, took_page);
    } else if (id_digits(id, digits)) {
        key_of(prefix, "content/%s/%s/", r->caller, digits);
        job_list(r, prefix, after, 1000, true, collect, took_page);
    } else {
        job_failf(r, ST_INVALID, "an id of an artifact is \"blake3:\" and 64 digits 0-9 a-f");
    }
}

static void begin(struct request *r)
{
    struct buffer memory = BUFFER_INIT;
    if (!job_text(r, "id").len && !job_text(r, "session").len) {
        job_failf(r, ST_INVALID, "give the id of an artifact, or a session");
        return;
    }
    if (!buffer_reserve(&memory, sizeof(struct removal))) {
        job_failf(r, ST_NOMEM, "out of memory");
        return;
    }
    r->raw = memory.data;
    read_page(r, STR(""));
}

static void took_page(struct request *r)
{
    struct buffer last = BUFFER_INIT;
    if (job_failed(r))
        return;
    if (r->more) {
        buffer_add_str(&last, buffer_str(&r->value));
        read_page(r, buffer_str(&last));
        buffer_clear(&last);
        return;
    }
    if (buffer_failed(&r->keys))
        job_failf(r, ST_NOMEM, "out of memory");
    else if (r->keys.len == 0 && job_text(r, "id").len)
        job_failf(r, ST_NOT_FOUND, "there is no artifact %.*s; artifact.list shows what there is",
                      STR_ARG(job_text(r, "id")));
    else
        r->next = next_record;
}

static void answer(struct request *r)
{
    struct json_writer w = json_writer(&r->out);
    json_begin_object(&w);
    json_put_i64(&w, STR("removed"), (int64_t)r->removed);
    json_put_i64(&w, STR("held"), (int64_t)r->count);
    json_end_object(&w);
    job_answer(r, buffer_str(&r->out));
}

/* The record number r->index of those in r->keys. */
static void next_record(struct request *r)
{
    char key[KEY_SIZE];
    if (r->index == r->keys.len / (HANDLE_SIZE - 1)) {
        answer(r);
        return;
    }
    memcpy(r->handle, r->keys.data + r->index * (HANDLE_SIZE - 1), HANDLE_SIZE - 1);
    key_of(key, "record/%s/%s", r->caller, r->handle);
    job_get(r, key, took_record);
}

static void skip(struct request *r)
{
    r->index++;
    r->tries = 0;
    r->next = next_record;
}

static bool describe(struct request *r, struct removal *gone)
{
    struct buffer name_scratch = BUFFER_INIT, session_scratch = BUFFER_INIT;
    struct str id, name = {"", 0}, session = {"", 0};
    struct json record = json_root(r->record);
    int64_t size, n;
    memset(gone, 0, sizeof(*gone));
    bool right = json_plain(json_get(record, STR("id")), &id) && blake3_parse(id, NULL) &&
                 json_string(json_get(record, STR("name")), &name_scratch, &name) &&
                 json_int64(json_get(record, STR("size")), &size) && size >= 0 &&
                 json_int64(json_get(json_get(record, STR("version")), STR("n")), &n);
    if (right) {
        json_string(json_get(record, STR("session")), &session_scratch, &session);
        memcpy(gone->id, id.ptr, id.len);
        short_digest(session, name, gone->name_digest);
        short_digest(session, STR(""), gone->session_digest);
        gone->in_session = session.len > 0;
        gone->size = (uint64_t)size;
        gone->n = (uint64_t)n;
    }
    buffer_clear(&name_scratch);
    buffer_clear(&session_scratch);
    return right;
}

static void nobody(struct request *r, const struct kv_entry *entry)
{
    if (!r->bytes.len)
        buffer_add_str(&r->bytes, entry->value);
}

static void took_record(struct request *r)
{
    size_t len;
    char prefix[KEY_SIZE];
    struct error err;
    if (r->code == ST_NOT_FOUND) {
        skip(r);
        return;
    }
    if (job_failed(r))
        return;
    r->record_version = r->version;
    json_free(r->record);
    r->record = NULL;
    char *text = buffer_take(&r->value, &len);
    if (!text || json_parse_take(text, len, &r->record, &err) || !describe(r, removal(r))) {
        job_failf(r, ST_INVALID, "the record of an artifact is damaged; restore it from a backup");
        return;
    }
    buffer_reset(&r->bytes, 65536);
    key_of(prefix, "held/%s/%s/", r->caller, removal(r)->id + 7);
    job_list(r, prefix, STR(""), 1, true, nobody, took_holder);
}

static void took_holder(struct request *r)
{
    if (job_failed(r))
        return;
    if (!r->bytes.len) {
        job_get(r, "usage/tenant", took_tenant);
        return;
    }
    if (job_text(r, "id").len) {
        job_failf(r, ST_DENIED, "the artifact %s is held by %.*s; release it first", removal(r)->id,
                      STR_ARG(buffer_str(&r->bytes)));
        return;
    }
    r->count++;
    skip(r);
}

static bool less(struct request *r, struct usage *usage, uint64_t *version)
{
    struct error err;
    if (r->code != ST_NOT_FOUND && job_failed(r))
        return false;
    *version = r->version;
    if (usage_parse(buffer_str(&r->value), usage, &err)) {
        job_fail(r, &err);
        return false;
    }
    uint64_t size = removal(r)->size;
    usage->artifacts -= usage->artifacts > 0;
    usage->bytes -= size < usage->bytes ? size : usage->bytes;
    return true;
}

/* The newest version of the name that stays comes to stand in r->bytes. */
static void keep_newest(struct request *r, const struct kv_entry *entry)
{
    if (str_starts(entry->value, str_from(r->handle)))
        return;
    buffer_reset(&r->bytes, 65536);
    buffer_add_str(&r->bytes, entry->value);
}

static void read_versions(struct request *r, struct str after)
{
    char prefix[KEY_SIZE];
    key_of(prefix, "version/%s/%s/", r->caller, removal(r)->name_digest);
    job_list(r, prefix, after, 1000, true, keep_newest, took_versions);
}

static void took_versions(struct request *r)
{
    struct buffer last = BUFFER_INIT;
    if (job_failed(r))
        return;
    if (!r->more) {
        read_head(r);
        return;
    }
    buffer_add_str(&last, buffer_str(&r->value));
    read_versions(r, buffer_str(&last));
    buffer_clear(&last);
}

static void read_head(struct request *r)
{
    char key[KEY_SIZE];
    key_of(key, "name/%s/%s", r->caller, removal(r)->name_digest);
    job_get(r, key, took_head);
}

static void took_tenant(struct request *r)
{
    struct removal *gone = removal(r);
    char key[KEY_SIZE];
    if (!less(r, &gone->tenant, &gone->tenant_version))
        return;
    if (!gone->in_session) {
        read_versions(r, STR(""));
        return;
    }
    key_of(key, "usage/%s/%s", r->caller, gone->session_digest);
    job_get(r, key, took_session);
}

static void took_session(struct request *r)
{
    if (less(r, &removal(r)->session, &removal(r)->session_version))
        read_versions(r, STR(""));
}

#define CHANGES 6

struct undo {
    char keys[CHANGES][KEY_SIZE];
    struct kv_change changes[CHANGES];
    size_t count;
};

static void add(struct undo *u, bool remove, struct str value, bool if_version, uint64_t version)
{
    u->changes[u->count] = (struct kv_change){.key = str_from(u->keys[u->count]), .remove = remove,
                                              .value = value, .if_version = if_version,
                                              .version = version};
    u->count++;
}

/* If the newest version of a name goes, the one before it is the newest. */
static void took_head(struct request *r)
{
    struct removal *gone = removal(r);
    struct undo u = {.count = 0};
    struct buffer tenant = BUFFER_INIT, session = BUFFER_INIT;
    const struct str none = {NULL, 0};
    if (r->code != ST_NOT_FOUND && job_failed(r))
        return;
    gone->is_head = !r->code && str_starts(buffer_str(&r->value), str_from(r->handle));
    gone->head_version = r->version;
    key_of(u.keys[u.count], "record/%s/%s", r->caller, r->handle);
    add(&u, true, none, true, r->record_version);
    key_of(u.keys[u.count], "content/%s/%s/%s", r->caller, gone->id + 7, r->handle);
    add(&u, true, none, false, 0);
    key_of(u.keys[u.count], "version/%s/%s/%010" FORMAT_U64, r->caller, gone->name_digest, gone->n);
    add(&u, true, none, false, 0);
    key_of(u.keys[u.count], "usage/tenant");
    usage_write(&gone->tenant, &tenant);
    add(&u, false, buffer_str(&tenant), true, gone->tenant_version);
    if (gone->in_session) {
        key_of(u.keys[u.count], "usage/%s/%s", r->caller, gone->session_digest);
        usage_write(&gone->session, &session);
        add(&u, false, buffer_str(&session), true, gone->session_version);
    }
    if (gone->is_head) {
        key_of(u.keys[u.count], "name/%s/%s", r->caller, gone->name_digest);
        add(&u, r->bytes.len == 0, buffer_str(&r->bytes), true, gone->head_version);
    }
    job_apply(r, u.changes, u.count, removed);
    buffer_clear(&tenant);
    buffer_clear(&session);
}

static void removed(struct request *r)
{
    if (job_failed(r))
        return;
    if (!r->conflict) {
        r->removed++;
        skip(r);
    } else if (++r->tries < TRIES_MAX) {
        r->next = next_record;
    } else {
        job_failf(r, ST_BUSY, "too many others change artifacts at this moment; try again");
    }
}

void artifact_remove(void *domain, struct operation_call *call)
{
    job_begin(domain, call, begin);
}
