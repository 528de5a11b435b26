#include "adapters/driven/task_store_values/record_text.h"

#include "core/base/error.h"
#include "core/base/str.h"
#include "core/json/writer.h"

static void put_text(struct json_writer *w, struct str name, struct str text)
{
    if (text.len)
        json_put_string(w, name, text);
}

static void put_json(struct json_writer *w, struct str name, struct str json)
{
    if (json.len)
        json_put_raw(w, name, json);
}

void record_write(const struct task_record *record, struct str host, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_i64(&w, STR("order"), (int64_t)record->order);
    json_put_string(&w, STR("caller"), record->owner.caller);
    json_put_string(&w, STR("tenant"), record->owner.tenant);
    json_put_string(&w, STR("tool"), record->tool);
    json_put_i64(&w, STR("status"), record->status);
    json_put_bool(&w, STR("toolError"), record->tool_error);
    put_text(&w, STR("message"), record->message);
    json_put_i64(&w, STR("createdMs"), record->created_ms);
    json_put_i64(&w, STR("updatedMs"), record->updated_ms);
    json_put_i64(&w, STR("ttlMs"), (int64_t)record->ttl_ms);
    json_put_i64(&w, STR("pollMs"), record->poll_ms);
    put_json(&w, STR("result"), record->result);
    json_put_i64(&w, STR("errorCode"), record->error_code);
    put_text(&w, STR("error"), record->error);
    put_json(&w, STR("requests"), record->requests);
    put_json(&w, STR("answers"), record->answers);
    put_json(&w, STR("state"), record->state);
    put_json(&w, STR("client"), record->client);
    json_put_i64(&w, STR("round"), record->round);
    put_text(&w, STR("host"), host);
    json_end_object(&w);
}

static int64_t number(struct json root, struct str name, int64_t least, int64_t most, bool *good)
{
    int64_t value = 0;
    if (!json_int64(json_get(root, name), &value) || value < least || value > most)
        *good = false;
    return value;
}

/* Each text has a buffer of its own; one that is not there is empty. */
static int read_texts(struct record_read *out)
{
    struct task_record *record = &out->record;
    const struct {
        const char *name;
        struct str *text;
    } texts[] = {
        {"caller", &record->owner.caller}, {"tenant", &record->owner.tenant},
        {"tool", &record->tool},           {"message", &record->message},
        {"error", &record->error},         {"host", &out->host},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct json v = json_get(json_root(out->doc), str_from(texts[i].name));
        if (json_exists(v) && !json_string(v, &out->scratch[i], texts[i].text))
            return ST_INVALID;
    }
    return ST_OK;
}

static int read_members(struct record_read *out)
{
    struct task_record *record = &out->record;
    struct json root = json_root(out->doc);
    bool good = json_type(root) == JSON_OBJECT;
    record->order = (uint64_t)number(root, STR("order"), 1, INT64_MAX, &good);
    record->status = (enum task_status)number(root, STR("status"), 0, TASK_CANCELLED, &good);
    good = json_bool(json_get(root, STR("toolError")), &record->tool_error) && good;
    record->created_ms = number(root, STR("createdMs"), 0, INT64_MAX, &good);
    record->updated_ms = number(root, STR("updatedMs"), 0, INT64_MAX, &good);
    record->ttl_ms = (uint64_t)number(root, STR("ttlMs"), 0, INT64_MAX, &good);
    record->poll_ms = (uint32_t)number(root, STR("pollMs"), 0, UINT32_MAX, &good);
    record->error_code = (int)number(root, STR("errorCode"), ST_CONFIG, ST_OK, &good);
    record->round = (uint32_t)number(root, STR("round"), 1, UINT32_MAX, &good);
    record->result = json_text(json_get(root, STR("result")));
    record->requests = json_text(json_get(root, STR("requests")));
    record->answers = json_text(json_get(root, STR("answers")));
    record->state = json_text(json_get(root, STR("state")));
    record->client = json_text(json_get(root, STR("client")));
    return good ? read_texts(out) : ST_INVALID;
}

int record_read(struct str id, struct str text, struct record_read *out, struct error *err)
{
    *out = (struct record_read){.record = {.id = id}};
    if (json_parse(text, &out->doc, err) == ST_OK && read_members(out) == ST_OK)
        return ST_OK;
    record_clear(out);
    return error_set(err, ST_INVALID,
                     "what the store holds as the task \"%.*s\" is no record of a task", STR_ARG(id));
}

void record_clear(struct record_read *read)
{
    for (size_t i = 0; i < sizeof(read->scratch) / sizeof(read->scratch[0]); i++)
        buffer_clear(&read->scratch[i]);
    json_free(read->doc);
    read->doc = NULL;
}
