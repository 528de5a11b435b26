/* Other names of a tool and of its arguments, and the category that it is listed under. */
#include "adapters/driven/plugin_host/manifest_parts.h"
#include "adapters/driven/plugin_host/names.h"

#define ALIASES_MAX 16
#define ARGUMENT_ALIASES_MAX 32
#define CATEGORY_MAX 32
#define TIMES_MAX 1000000

static int alias(struct reader *r, struct json v, void *out)
{
    struct str name;
    (void)out;
    if (!json_plain(v, &name) || !name_is_tool(name))
        return reader_fail(r, "must be 1 to 64 of A-Z a-z 0-9 _ . -");
    return ST_OK;
}

int manifest_run_aliases(struct reader *r, struct json v, void *out)
{
    int rc = reader_array(r, v, alias, out);
    if (!rc && json_count(v) > ALIASES_MAX)
        rc = reader_fail(r, "at most %d", ALIASES_MAX);
    if (!rc && json_count(v))
        manifest_item(out)->aliases = json_text(v);
    return rc;
}

int manifest_run_category(struct reader *r, struct json v, void *out)
{
    struct str word;
    bool good = json_plain(v, &word) && word.len >= 1 && word.len <= CATEGORY_MAX;
    for (size_t i = 0; good && i < word.len; i++)
        good = (word.ptr[i] >= 'a' && word.ptr[i] <= 'z') || word.ptr[i] == '-' ||
               (word.ptr[i] >= '0' && word.ptr[i] <= '9');
    if (!good)
        return reader_fail(r, "must be 1 to %d of a-z 0-9 -", CATEGORY_MAX);
    manifest_item(out)->category = word;
    return ST_OK;
}

/* What they stand for is checked when the whole tool has been read. */
int manifest_run_argument_aliases(struct reader *r, struct json v, void *out)
{
    int rc = reader_type(r, v, JSON_OBJECT);
    if (!rc && json_count(v) > ARGUMENT_ALIASES_MAX)
        rc = reader_fail(r, "at most %d", ARGUMENT_ALIASES_MAX);
    manifest_item(out)->run.argument_aliases = !rc && json_count(v);
    return rc;
}

static bool has_member(struct json object, struct json name)
{
    struct json_iter it = json_iter(object);
    while (json_next(&it))
        if (json_same_string(it.key, name))
            return true;
    return false;
}

/* What an argument is multiplied by that has another unit under its other name. */
static int alias_times(struct reader *r, struct json v, void *out)
{
    uint32_t times;
    (void)out;
    return reader_u32(r, v, 2, TIMES_MAX, &times);
}

static int alias_name(struct reader *r, struct json v, void *out)
{
    *(struct json *)out = v;
    (void)r;
    return ST_OK;
}

static int check_name(struct reader *r, struct json properties, struct json name)
{
    if (json_type(name) != JSON_STRING || !has_member(properties, name))
        return reader_fail(r, "must be the name of a property of \"inputSchema\"");
    return ST_OK;
}

static int check_own_name(struct reader *r, struct json properties, struct json value)
{
    static const struct field fields[] = {
        {"name", true, alias_name},
        {"times", true, alias_times},
    };
    if (json_type(value) != JSON_OBJECT)
        return check_name(r, properties, value);
    struct json name = json_none();
    int rc = reader_object(r, value, fields, sizeof(fields) / sizeof(fields[0]), false, &name);
    if (rc)
        return rc;
    reader_enter(r, STR("name"));
    return check_name(r, properties, name);
}

static int check_argument(struct reader *r, struct json properties, struct json old,
                          struct json value)
{
    struct str key;
    if (!json_plain(old, &key))
        return reader_fail(r, "a name of an argument without escapes is needed");
    size_t mark = reader_enter(r, key);
    int rc = check_own_name(r, properties, value);
    if (!rc && has_member(properties, old))
        rc = reader_fail(r, "is a property of \"inputSchema\" itself");
    reader_leave(r, mark);
    return rc;
}

int manifest_check_argument_aliases(struct reader *r, struct json tool)
{
    struct json properties = json_get(json_get(tool, STR("inputSchema")), STR("properties"));
    struct json_iter it =
        json_iter(json_get(json_get(tool, STR("run")), STR("argumentAliases")));
    size_t mark = reader_enter(r, STR("run"));
    int rc = ST_OK;
    reader_enter(r, STR("argumentAliases"));
    while (!rc && json_next(&it))
        rc = check_argument(r, properties, it.key, it.value);
    reader_leave(r, mark);
    return rc;
}

static struct json aliases_of(struct json tool)
{
    return json_get(json_get(tool, STR("run")), STR("aliases"));
}

/* How often the tools have `name`, as their own or as another one. */
static uint32_t count_name(struct json tools, struct json name)
{
    uint32_t count = 0;
    struct json_iter tool = json_iter(tools);
    while (json_next(&tool)) {
        struct json_iter other = json_iter(aliases_of(tool.value));
        count += json_same_string(json_get(tool.value, STR("name")), name);
        while (json_next(&other))
            count += json_same_string(other.value, name);
    }
    return count;
}

static int check_aliases(struct reader *r, struct json tools, struct json aliases)
{
    struct json_iter it = json_iter(aliases);
    for (size_t i = 0; json_next(&it); i++) {
        if (count_name(tools, it.value) == 1)
            continue;
        reader_enter(r, STR("run"));
        reader_enter(r, STR("aliases"));
        reader_enter_index(r, i);
        return reader_fail(r, "another tool, or this one, has this name already");
    }
    return ST_OK;
}

int manifest_check_aliases(struct reader *r, struct json tools)
{
    struct json_iter it = json_iter(tools);
    int rc = ST_OK;
    for (size_t i = 0; !rc && json_next(&it); i++) {
        size_t mark = reader_enter_index(r, i);
        rc = check_aliases(r, tools, aliases_of(it.value));
        reader_leave(r, mark);
    }
    return rc;
}
