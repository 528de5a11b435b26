/* Resources, templates and prompts of a manifest, and the fields that all entries share. */
#include "adapters/driven/plugin_host/manifest_parts.h"

int entry_string(struct reader *r, struct json v, void *out)
{
    (void)out;
    return reader_string(r, v);
}

int entry_object(struct reader *r, struct json v, void *out)
{
    (void)out;
    return reader_type(r, v, JSON_OBJECT);
}

int entry_bool(struct reader *r, struct json v, void *out)
{
    (void)out;
    return reader_type(r, v, JSON_BOOL);
}

static int icon_sizes(struct reader *r, struct json v, void *out)
{
    return reader_array(r, v, entry_string, out);
}

static int icon_theme(struct reader *r, struct json v, void *out)
{
    static const char *const words[] = {"light", "dark"};
    size_t which;
    (void)out;
    return reader_word(r, v, words, 2, &which);
}

static int icon(struct reader *r, struct json v, void *out)
{
    static const struct field fields[] = {
        {"src", true, entry_string},
        {"mimeType", false, entry_string},
        {"sizes", false, icon_sizes},
        {"theme", false, icon_theme},
    };
    return reader_object(r, v, fields, 4, false, out);
}

int entry_icons(struct reader *r, struct json v, void *out)
{
    return reader_array(r, v, icon, out);
}

int entry_unique(struct reader *r, struct json list, struct str key)
{
    if (json_count(list) > MANIFEST_MAX_ENTRIES)
        return reader_fail(r, "more than %u entries", MANIFEST_MAX_ENTRIES);
    struct json_iter outer = json_iter(list);
    for (size_t i = 0; json_next(&outer); i++) {
        struct json mine = json_get(outer.value, key);
        struct json_iter inner = json_iter(list);
        for (size_t j = 0; j < i && json_next(&inner); j++)
            if (json_same_string(mine, json_get(inner.value, key))) {
                size_t mark = reader_enter_index(r, i);
                reader_enter(r, key);
                int rc = reader_fail(r, "%.*s is there twice", STR_ARG(json_text(mine)));
                reader_leave(r, mark);
                return rc;
            }
    }
    return ST_OK;
}

static int resource_size(struct reader *r, struct json v, void *out)
{
    int64_t size;
    (void)out;
    if (!json_int64(v, &size) || size < 0)
        return reader_fail(r, "must be a whole number of bytes");
    return ST_OK;
}

int manifest_read_resource(struct reader *r, struct json v, void *out)
{
    static const struct field fields[] = {
        {"uri", true, entry_string},          {"name", true, entry_string},
        {"title", false, entry_string},       {"description", false, entry_string},
        {"mimeType", false, entry_string},    {"size", false, resource_size},
        {"icons", false, entry_icons},        {"annotations", false, entry_object},
        {"_meta", false, entry_object},
    };
    return reader_object(r, v, fields, sizeof(fields) / sizeof(fields[0]), false, out);
}

int manifest_read_template(struct reader *r, struct json v, void *out)
{
    static const struct field fields[] = {
        {"uriTemplate", true, entry_string},  {"name", true, entry_string},
        {"title", false, entry_string},       {"description", false, entry_string},
        {"mimeType", false, entry_string},    {"icons", false, entry_icons},
        {"annotations", false, entry_object}, {"_meta", false, entry_object},
    };
    return reader_object(r, v, fields, sizeof(fields) / sizeof(fields[0]), false, out);
}

static int prompt_argument(struct reader *r, struct json v, void *out)
{
    static const struct field fields[] = {
        {"name", true, entry_string},
        {"title", false, entry_string},
        {"description", false, entry_string},
        {"required", false, entry_bool},
    };
    return reader_object(r, v, fields, 4, false, out);
}

static int prompt_arguments(struct reader *r, struct json v, void *out)
{
    int rc = reader_array(r, v, prompt_argument, out);
    return rc ? rc : entry_unique(r, v, STR("name"));
}

int manifest_read_prompt(struct reader *r, struct json v, void *out)
{
    static const struct field fields[] = {
        {"name", true, entry_string},         {"title", false, entry_string},
        {"description", false, entry_string}, {"icons", false, entry_icons},
        {"arguments", false, prompt_arguments}, {"_meta", false, entry_object},
    };
    return reader_object(r, v, fields, sizeof(fields) / sizeof(fields[0]), false, out);
}
