/* Lists of records, the newest first, filtered while they are read. */
#include <string.h>

#include "core/artifact/request.h"
#include "core/base/str.h"
#include "core/json/json.h"
#include "core/json/writer.h"

#define LIMIT_DEFAULT 50

/* Records that one call looks at; then it answers with what it has and where to go on. */
#define SCAN_MAX 10000
#define PAGE 200

static step page;

static bool has_tag(struct json record, struct json tag)
{
    struct json_iter it = json_iter(json_get(record, STR("tags")));
    while (json_next(&it))
        if (json_same_string(it.value, tag))
            return true;
    return false;
}

static bool has_tags(struct request *r, struct json record)
{
    struct json_iter it = json_iter(json_get(r->args, STR("tags")));
    while (json_next(&it))
        if (!has_tag(record, it.value))
            return false;
    return true;
}

static bool same(struct request *r, struct json record, const char *member)
{
    struct json wanted = json_get(r->args, str_from(member));
    return !json_exists(wanted) || json_same_string(wanted, json_get(record, str_from(member)));
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Upper and lower case are the same for A to Z. */
static bool contains(struct str text, struct str word)
{
    for (size_t i = 0; i + word.len <= text.len; i++) {
        size_t j = 0;
        while (j < word.len && lower(text.ptr[i + j]) == lower(word.ptr[j]))
            j++;
        if (j == word.len)
            return true;
    }
    return word.len == 0;
}

static bool has_text(struct request *r, struct json record)
{
    struct buffer scratch = BUFFER_INIT;
    struct str name, word = job_text(r, "text");
    if (!word.len)
        return true;
    bool has = json_string(json_get(record, STR("name")), &scratch, &name) && contains(name, word);
    buffer_clear(&scratch);
    return has;
}

/* Times are written so that their bytes have their order. */
static bool in_time(struct request *r, struct json record)
{
    struct str at = {"", 0}, from = job_text(r, "from"), to = job_text(r, "to");
    json_plain(json_get(record, STR("createdAt")), &at);
    return (!from.len || str_cmp(at, from) >= 0) && (!to.len || str_cmp(at, to) < 0);
}

static bool in_size(struct request *r, struct json record)
{
    int64_t size = 0;
    json_int64(json_get(record, STR("size")), &size);
    return (uint64_t)size >= job_number(r, "minBytes", 0) &&
           (uint64_t)size <= job_number(r, "maxBytes", UINT64_MAX);
}

static bool matches(struct request *r, struct json record)
{
    return same(r, record, "kind") && same(r, record, "name") && same(r, record, "session") &&
           same(r, record, "mimeType") && has_tags(r, record) && has_text(r, record) &&
           in_time(r, record) && in_size(r, record);
}

static void look(struct request *r, const struct kv_entry *entry)
{
    struct json_doc *doc;
    struct error err;
    if (r->count == r->end)
        return;
    r->scanned++;
    memcpy(r->handle, entry->key.ptr + entry->key.len - (HANDLE_SIZE - 1), HANDLE_SIZE - 1);
    if (json_parse(entry->value, &doc, &err))
        return;
    if (matches(r, json_root(doc))) {
        if (r->count++)
            buffer_add_char(&r->out, ',');
        buffer_add_str(&r->out, entry->value);
    }
    json_free(doc);
}

static void read_page(struct request *r)
{
    char prefix[KEY_SIZE], after[KEY_SIZE];
    key_of(prefix, "record/%s/", r->caller);
    key_of(after, "%s%s", prefix, r->handle);
    job_list(r, prefix, r->handle[0] ? str_from(after) : STR(""), PAGE, true, look, page);
}

static void answer(struct request *r, bool more)
{
    buffer_add_str(&r->out, STR("]"));
    if (more) {
        buffer_add_str(&r->out, STR(",\"next\":\""));
        buffer_add(&r->out, r->handle, HANDLE_SIZE - 1);
        buffer_add_char(&r->out, '"');
    }
    buffer_add_char(&r->out, '}');
    if (buffer_failed(&r->out))
        job_failf(r, ST_NOMEM, "out of memory");
    else
        job_answer(r, buffer_str(&r->out));
}

static void page(struct request *r)
{
    char prefix[KEY_SIZE], last[KEY_SIZE];
    if (job_failed(r))
        return;
    key_of(prefix, "record/%s/", r->caller);
    key_of(last, "%s%s", prefix, r->handle);
    bool whole = !r->value.len || str_eq(buffer_str(&r->value), str_from(last));
    if (whole && !r->more)
        answer(r, false);
    else if (r->count == r->end || r->scanned >= SCAN_MAX)
        answer(r, true);
    else
        read_page(r);
}

static void begin(struct request *r)
{
    struct str after = job_text(r, "after");
    r->end = job_number(r, "limit", LIMIT_DEFAULT);
    if (after.len == HANDLE_SIZE - 1)
        memcpy(r->handle, after.ptr, after.len);
    buffer_add_str(&r->out, STR("{\"artifacts\":["));
    read_page(r);
}

void artifact_list(void *domain, struct operation_call *call)
{
    job_begin(domain, call, begin);
}
