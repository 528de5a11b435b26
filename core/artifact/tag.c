/* Changing the tags of a record. */
#include "core/artifact/request.h"
#include "core/base/str.h"
#include "core/json/json.h"
#include "core/json/writer.h"

#define TAGS_MAX 32
#define TRIES_MAX 20

static step find, found, written;

static bool among(struct json list, struct json tag)
{
    struct json_iter it = json_iter(list);
    while (json_next(&it))
        if (json_same_string(it.value, tag))
            return true;
    return false;
}

/* The tags that were there and are not removed, then those that are new; gives how many. */
static size_t write_tags(struct request *r, struct json_writer *w, struct json old)
{
    struct json add = json_get(r->args, STR("add")), drop = json_get(r->args, STR("remove"));
    size_t count = 0;
    json_begin_array(w);
    for (struct json_iter it = json_iter(old); json_next(&it);)
        if (!among(drop, it.value)) {
            json_write_raw(w, json_text(it.value));
            count++;
        }
    for (struct json_iter it = json_iter(add); json_next(&it);)
        if (!among(old, it.value) || among(drop, it.value)) {
            json_write_raw(w, json_text(it.value));
            count++;
        }
    json_end_array(w);
    return count;
}

static size_t rewrite(struct request *r)
{
    struct json_writer w = json_writer(&r->out);
    size_t count = 0;
    json_begin_object(&w);
    for (struct json_iter it = json_iter(json_root(r->record)); json_next(&it);) {
        if (!json_is(it.key, STR("tags"))) {
            json_put_member(&w, it.key, it.value);
            continue;
        }
        json_key(&w, STR("tags"));
        count = write_tags(r, &w, it.value);
    }
    json_end_object(&w);
    return count;
}

static void find(struct request *r)
{
    job_find_target(r, found);
}

static void found(struct request *r)
{
    char key[KEY_SIZE];
    buffer_reset(&r->out, 65536);
    if (rewrite(r) > TAGS_MAX) {
        job_failf(r, ST_TOO_LARGE, "an artifact has at most %d tags; remove some first", TAGS_MAX);
        return;
    }
    if (buffer_failed(&r->out)) {
        job_failf(r, ST_NOMEM, "out of memory");
        return;
    }
    key_of(key, "record/%s/%s", r->caller, r->handle);
    const struct kv_change change = {.key = str_from(key), .value = buffer_str(&r->out),
                                     .if_version = true, .version = r->record_version};
    job_apply(r, &change, 1, written);
}

static void written(struct request *r)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    if (job_failed(r))
        return;
    if (r->conflict && ++r->tries < TRIES_MAX) {
        json_free(r->record);
        r->record = NULL;
        find(r);
        return;
    }
    if (r->conflict) {
        job_failf(r, ST_BUSY, "too many others change this artifact; try again in a moment");
        return;
    }
    json_begin_object(&w);
    json_put_raw(&w, STR("artifact"), buffer_str(&r->out));
    json_end_object(&w);
    if (buffer_failed(&out))
        job_failf(r, ST_NOMEM, "out of memory");
    else
        job_answer(r, buffer_str(&out));
    buffer_clear(&out);
}

void artifact_tag(void *domain, struct operation_call *call)
{
    job_begin(domain, call, find);
}
