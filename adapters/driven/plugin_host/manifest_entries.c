/* Resources, templates and prompts of a manifest, and the fields that all entries share. */
#include "adapters/driven/plugin_host/manifest_parts.h"
#include "adapters/driven/plugin_host/names.h"
#include "core/uri/uri.h"
#include "core/uri/uri_template.h"

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

/* Clients send it back as it stands, so it is written without escapes. */
static int take_key(struct reader *r, struct json v, void *out)
{
    if (!json_plain(v, &manifest_item(out)->name))
        return reader_fail(r, "must be a string without escapes");
    return ST_OK;
}

static int check_with(struct reader *r, int (*check)(struct str, struct error *), void *out)
{
    struct error why;
    return check(manifest_item(out)->name, &why) ? reader_fail(r, "%s", why.text) : ST_OK;
}

static int resource_uri(struct reader *r, struct json v, void *out)
{
    int rc = take_key(r, v, out);
    return rc ? rc : check_with(r, uri_check, out);
}

static int template_uri(struct reader *r, struct json v, void *out)
{
    int rc = take_key(r, v, out);
    return rc ? rc : check_with(r, uri_template_check, out);
}

static int prompt_name(struct reader *r, struct json v, void *out)
{
    int rc = take_key(r, v, out);
    if (!rc && !name_is_tool(manifest_item(out)->name))
        rc = reader_fail(r, "must be 1 to 64 of A-Z a-z 0-9 _ . -");
    return rc;
}

int manifest_read_resource(struct reader *r, struct json v, void *out)
{
    static const struct field fields[] = {
        {"uri", true, resource_uri},          {"name", true, entry_string},
        {"title", false, entry_string},       {"description", false, entry_string},
        {"mimeType", false, entry_string},    {"size", false, resource_size},
        {"icons", false, entry_icons},        {"annotations", false, entry_object},
        {"_meta", false, entry_object},
        {"run", false, manifest_run_other},
    };
    int rc = manifest_add_item(r, out, ITEM_RESOURCE, v);
    return rc ? rc
              : reader_object(r, v, fields, sizeof(fields) / sizeof(fields[0]), false, out);
}

int manifest_read_template(struct reader *r, struct json v, void *out)
{
    static const struct field fields[] = {
        {"uriTemplate", true, template_uri},  {"name", true, entry_string},
        {"title", false, entry_string},       {"description", false, entry_string},
        {"mimeType", false, entry_string},    {"icons", false, entry_icons},
        {"annotations", false, entry_object}, {"_meta", false, entry_object},
        {"run", false, manifest_run_other},
    };
    int rc = manifest_add_item(r, out, ITEM_TEMPLATE, v);
    return rc ? rc
              : reader_object(r, v, fields, sizeof(fields) / sizeof(fields[0]), false, out);
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
        {"name", true, prompt_name},         {"title", false, entry_string},
        {"description", false, entry_string}, {"icons", false, entry_icons},
        {"arguments", false, prompt_arguments}, {"_meta", false, entry_object},
        {"run", false, manifest_run_other},
    };
    int rc = manifest_add_item(r, out, ITEM_PROMPT, v);
    return rc ? rc
              : reader_object(r, v, fields, sizeof(fields) / sizeof(fields[0]), false, out);
}
