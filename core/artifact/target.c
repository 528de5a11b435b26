/* Which record the arguments of an operation mean. */
#include <stdio.h>
#include <string.h>

#include "core/artifact/request.h"
#include "core/base/str.h"
#include "core/json/json.h"

static step look_in_content, look_at_head, load, loaded;

static void missing(struct request *r)
{
    struct str id = job_text(r, "id"), name = job_text(r, "name");
    if (id.len)
        job_failf(r, ST_NOT_FOUND, "there is no artifact %.*s; artifact.list shows what there is",
                      STR_ARG(id));
    else
        job_failf(r, ST_NOT_FOUND,
                      "there is no artifact with the name \"%.*s\"; artifact.list shows what there is",
                      STR_ARG(name));
}

/* "content/CALLER/DIGEST/HANDLE" has the session as its value; the newest comes first. */
static void take_handle(struct request *r, const struct kv_entry *entry)
{
    struct str session = job_text(r, "session");
    if (r->handle[0] || entry->key.len < HANDLE_SIZE - 1 ||
        (session.len && !str_eq(session, entry->value)))
        return;
    memcpy(r->handle, entry->key.ptr + entry->key.len - (HANDLE_SIZE - 1), HANDLE_SIZE - 1);
}

static void list_content(struct request *r, struct str after)
{
    char digits[65], key[KEY_SIZE];
    if (!id_digits(job_text(r, "id"), digits)) {
        job_failf(r, ST_INVALID, "an id of an artifact is \"blake3:\" and 64 digits 0-9 a-f");
        return;
    }
    key_of(key, "content/%s/%s/", r->caller, digits);
    job_list(r, key, after, 200, true, take_handle, look_in_content);
}

static void look_in_content(struct request *r)
{
    if (job_failed(r))
        return;
    if (r->handle[0]) {
        load(r);
        return;
    }
    if (!r->more) {
        missing(r);
        return;
    }
    struct buffer last = BUFFER_INIT;
    buffer_add_str(&last, buffer_str(&r->value));
    list_content(r, buffer_str(&last));
    buffer_clear(&last);
}

/* The values of "version/..." and "name/..." start with the handle. */
static void look_at_head(struct request *r)
{
    if (r->code == ST_NOT_FOUND || (!r->code && r->value.len < HANDLE_SIZE - 1)) {
        missing(r);
        return;
    }
    if (job_failed(r))
        return;
    memcpy(r->handle, r->value.data, HANDLE_SIZE - 1);
    load(r);
}

static void load(struct request *r)
{
    char key[KEY_SIZE];
    key_of(key, "record/%s/%s", r->caller, r->handle);
    job_get(r, key, loaded);
}

static void loaded(struct request *r)
{
    size_t len;
    struct error err;
    if (r->code == ST_NOT_FOUND) { /* removed since */
        missing(r);
        return;
    }
    if (job_failed(r))
        return;
    r->record_version = r->version;
    char *text = buffer_take(&r->value, &len);
    if (!text || json_parse_take(text, len, &r->record, &err)) {
        job_failf(r, ST_INVALID, "the record of an artifact is damaged; restore it from a backup");
        return;
    }
    r->next = r->found;
}

void job_find_target(struct request *r, step *next)
{
    struct str name = job_text(r, "name"), session = job_text(r, "session");
    uint64_t version = job_number(r, "version", 0);
    char digest[CALLER_SIZE], key[KEY_SIZE];
    r->found = next;
    memset(r->handle, 0, sizeof(r->handle));
    if (job_text(r, "id").len) {
        list_content(r, STR(""));
        return;
    }
    if (!name.len) {
        job_failf(r, ST_INVALID, "give the id or the name of an artifact");
        return;
    }
    short_digest(session, name, digest);
    if (version)
        key_of(key, "version/%s/%s/%010llu", r->caller, digest, (unsigned long long)version);
    else
        key_of(key, "name/%s/%s", r->caller, digest);
    job_get(r, key, look_at_head);
}
