#include "core/state/entry.h"

#include "core/json/writer.h"

#define HEAD_MAX 256

static const struct str names[STATE_CLASSES] = {
    [STATE_EPHEMERAL] = STR_INIT("ephemeral"), [STATE_TRUSTED] = STR_INIT("trusted"),
    [STATE_STANDARD] = STR_INIT("standard"),   [STATE_SENSITIVE] = STR_INIT("sensitive"),
    [STATE_EXTERNAL] = STR_INIT("external"),
};

struct str state_class_name(enum state_class value_class)
{
    return names[value_class];
}

bool state_class_from(struct str name, enum state_class *out)
{
    for (int i = 0; i < STATE_CLASSES; i++)
        if (str_eq(names[i], name)) {
            *out = (enum state_class)i;
            return true;
        }
    return false;
}

void state_entry_write(struct buffer *out, const struct state_facts *facts, struct str value)
{
    struct json_writer w = json_writer(out);
    if (!buffer_reserve(out, value.len + HEAD_MAX))
        return;
    json_begin_object(&w);
    json_put_string(&w, STR("class"), names[facts->value_class]);
    json_put_i64(&w, STR("schema"), facts->schema);
    json_put_i64(&w, STR("at"), facts->updated_ms);
    json_put_i64(&w, STR("expires"), facts->expires_ms);
    json_end_object(&w);
    buffer_add_char(out, '\n');
    buffer_add_str(out, value);
}

static bool read_head(struct json head, struct state_facts *out)
{
    struct str name;
    int64_t schema;
    return json_plain(json_get(head, STR("class")), &name) &&
           state_class_from(name, &out->value_class) &&
           json_int64(json_get(head, STR("schema")), &schema) && schema >= 1 &&
           schema <= UINT32_MAX && (out->schema = (uint32_t)schema, true) &&
           json_int64(json_get(head, STR("at")), &out->updated_ms) &&
           json_int64(json_get(head, STR("expires")), &out->expires_ms);
}

int state_entry_read(struct str stored, struct state_facts *facts, struct str *value,
                     struct error *err)
{
    const char *end = stored.len ? memchr(stored.ptr, '\n', stored.len < HEAD_MAX ? stored.len
                                                                                  : HEAD_MAX)
                                 : NULL;
    struct json_doc *doc = NULL;
    struct state_facts read;
    bool good = end && !json_parse((struct str){stored.ptr, (size_t)(end - stored.ptr)}, &doc, err) &&
                read_head(json_root(doc), &read);
    json_free(doc);
    if (!good)
        return error_set(err, ST_PROTOCOL, "the stored value is no state that this version of hexmcp "
                                           "can read");
    *facts = read;
    *value = (struct str){end + 1, stored.len - (size_t)(end + 1 - stored.ptr)};
    return ST_OK;
}
