/*
 * Holds: who needs an artifact keeps it from being removed. Two values for each:
 *   hold/CALLER/O/DIGEST  what an owner holds
 *   held/CALLER/DIGEST/O  who holds an artifact; the owner's name
 * To hold changes the record too (to what it is), so that a removal at the same moment conflicts.
 */
#include <string.h>

#include "core/artifact/request.h"
#include "core/base/str.h"
#include "core/json/json.h"
#include "core/json/writer.h"

#define TRIES_MAX 20

static step find, found, held;

static void digits_of(const struct request *r, char digits[65])
{
    struct str id = {"", 0};
    json_plain(json_get(json_root(r->record), STR("id")), &id);
    if (!id_digits(id, digits))
        digits[0] = '\0';
}

static void find(struct request *r)
{
    job_find_target(r, found);
}

static void found(struct request *r)
{
    char record[KEY_SIZE], hold[KEY_SIZE], holder[KEY_SIZE], digits[65], owner[CALLER_SIZE];
    struct str name = job_text(r, "owner");
    short_digest(name, STR(""), owner);
    digits_of(r, digits);
    key_of(record, "record/%s/%s", r->caller, r->handle);
    key_of(hold, "hold/%s/%s/%s", r->caller, owner, digits);
    key_of(holder, "held/%s/%s/%s", r->caller, digits, owner);
    const struct kv_change changes[] = {
        {.key = str_from(record), .value = json_text(json_root(r->record)), .if_version = true,
         .version = r->record_version},
        {.key = str_from(hold), .value = name},
        {.key = str_from(holder), .value = name},
    };
    job_apply(r, changes, 3, held);
}

static void held(struct request *r)
{
    if (job_failed(r))
        return;
    if (!r->conflict) {
        job_answer(r, STR("{\"held\":true}"));
        return;
    }
    if (++r->tries == TRIES_MAX) {
        job_failf(r, ST_BUSY, "too many others change this artifact; try again in a moment");
        return;
    }
    json_free(r->record);
    r->record = NULL;
    find(r);
}

void artifact_hold(void *domain, struct operation_call *call)
{
    job_begin(domain, call, find);
}

static step page, released;

/* Two changes for each hold; 400 holds in one step. */
#define PAGE 400
#define DIGITS 64

static void collect(struct request *r, const struct kv_entry *entry)
{
    if (entry->key.len > DIGITS)
        buffer_add(&r->keys, entry->key.ptr + entry->key.len - DIGITS, DIGITS);
}

static void release(struct request *r)
{
    char owner[CALLER_SIZE], prefix[KEY_SIZE], digits[65];
    struct str id = job_text(r, "id");
    short_digest(job_text(r, "owner"), STR(""), owner);
    key_of(prefix, "hold/%s/%s/", r->caller, owner);
    if (id.len) {
        if (!id_digits(id, digits)) {
            job_failf(r, ST_INVALID,
                          "an id of an artifact is \"blake3:\" and 64 digits 0-9 a-f");
            return;
        }
        key_of(prefix, "hold/%s/%s/%s", r->caller, owner, digits);
    }
    buffer_reset(&r->keys, 65536);
    job_list(r, prefix, STR(""), PAGE, false, collect, page);
}

static void answer(struct request *r)
{
    struct json_writer w = json_writer(&r->out);
    json_begin_object(&w);
    json_put_i64(&w, STR("released"), (int64_t)r->count);
    json_end_object(&w);
    job_answer(r, buffer_str(&r->out));
}

struct pair {
    char hold[KEY_SIZE], holder[KEY_SIZE];
};

static void page(struct request *r)
{
    char owner[CALLER_SIZE];
    struct buffer memory = BUFFER_INIT;
    size_t count = r->keys.len / DIGITS;
    if (job_failed(r))
        return;
    if (count == 0) {
        answer(r);
        return;
    }
    size_t need = count * (sizeof(struct pair) + 2 * sizeof(struct kv_change));
    if (!buffer_reserve(&memory, need)) {
        job_failf(r, ST_NOMEM, "out of memory");
        return;
    }
    memset(memory.data, 0, need);
    struct kv_change *changes = (struct kv_change *)(void *)memory.data;
    struct pair *pairs = (struct pair *)(void *)(changes + 2 * count);
    short_digest(job_text(r, "owner"), STR(""), owner);
    for (size_t i = 0; i < count; i++) {
        const char *digits = r->keys.data + i * DIGITS;
        key_of(pairs[i].hold, "hold/%s/%s/%.64s", r->caller, owner, digits);
        key_of(pairs[i].holder, "held/%s/%.64s/%s", r->caller, digits, owner);
        changes[2 * i] = (struct kv_change){.key = str_from(pairs[i].hold), .remove = true};
        changes[2 * i + 1] = (struct kv_change){.key = str_from(pairs[i].holder), .remove = true};
    }
    r->count += count;
    job_apply(r, changes, 2 * count, released);
    buffer_clear(&memory);
}

static void released(struct request *r)
{
    if (!job_failed(r))
        release(r);
}

void artifact_release(void *domain, struct operation_call *call)
{
    job_begin(domain, call, release);
}
