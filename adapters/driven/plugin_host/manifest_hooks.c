/* The hooks of a manifest; include/hexmcp/ext/draft/hook.h has their fields. */
#include "adapters/driven/plugin_host/manifest_parts.h"
#include "core/hook/point.h"
#include "core/json/pointer.h"

#define READS_MAX 32u
#define TIMEOUT_MAX 60000u

static int hook_name(struct reader *r, struct json v, void *out)
{
    struct str name;
    (void)out;
    if (json_plain(v, &name) && name.len >= 1 && name.len <= 64) {
        size_t i = 0;
        while (i < name.len && ((name.ptr[i] >= 'a' && name.ptr[i] <= 'z') ||
                                (name.ptr[i] >= 'A' && name.ptr[i] <= 'Z') ||
                                (name.ptr[i] >= '0' && name.ptr[i] <= '9') || name.ptr[i] == '-' ||
                                name.ptr[i] == '_'))
            i++;
        if (i == name.len)
            return ST_OK;
    }
    return reader_fail(r, "must be 1 to 64 letters, digits, '-' and '_'");
}

static int hook_point(struct reader *r, struct json v, void *out)
{
    enum hook_point point;
    struct str name, custom;
    (void)out;
    if (!json_plain(v, &name))
        return reader_fail(r, "must be the name of a point, such as \"BeforeToolExecution\"");
    if (hook_point_find(name, &point, &custom))
        return ST_OK;
    const char *near = hook_point_nearest(name);
    return reader_fail(r, "there is no point \"%.*s\"%s%s%s", STR_ARG(name),
                       near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static int hook_priority(struct reader *r, struct json v, void *out)
{
    static const char *const words[] = {"highest", "high", "normal", "low", "lowest"};
    int64_t number;
    size_t which;
    (void)out;
    if (json_type(v) != JSON_NUMBER)
        return reader_word(r, v, words, 5, &which);
    return json_int64(v, &number) && number >= INT32_MIN && number <= INT32_MAX
               ? ST_OK
               : reader_fail(r, "must be a whole number of 32 bits");
}

static int hook_pointer(struct reader *r, struct json v, void *out)
{
    struct buffer scratch = BUFFER_INIT;
    struct str pointer;
    (void)out;
    bool good = json_string(v, &scratch, &pointer) && json_pointer_valid(pointer);
    buffer_clear(&scratch);
    return good ? ST_OK : reader_fail(r, "must be a JSON Pointer: \"\", or such as \"/arguments\"");
}

static int hook_reads(struct reader *r, struct json v, void *out)
{
    int rc = reader_array(r, v, hook_pointer, out);
    return !rc && json_count(v) > READS_MAX ? reader_fail(r, "at most %u", READS_MAX) : rc;
}

static int hook_mode(struct reader *r, struct json v, void *out)
{
    static const char *const words[] = {"worker", "inline"};
    size_t which;
    (void)out;
    return reader_word(r, v, words, 2, &which);
}

static int hook_run(struct reader *r, struct json v, void *out)
{
    static const struct field fields[] = {{"mode", false, hook_mode}};
    return reader_object(r, v, fields, 1, false, out);
}

static int hook_timeout(struct reader *r, struct json v, void *out)
{
    uint32_t ms;
    (void)out;
    return reader_u32(r, v, 1, TIMEOUT_MAX, &ms);
}

static int read_hook(struct reader *r, struct json v, void *out)
{
    static const struct field fields[] = {
        {"name", true, hook_name},          {"point", true, hook_point},
        {"priority", false, hook_priority}, {"reads", true, hook_reads},
        {"run", false, hook_run},           {"timeoutMs", false, hook_timeout},
        {"gates", false, entry_bool},
    };
    return reader_object(r, v, fields, sizeof(fields) / sizeof(fields[0]), false, out);
}

int manifest_read_hooks(struct reader *r, struct json v, void *out)
{
    ((struct manifest *)out)->text[TEXT_HOOKS] = json_text(v);
    int rc = reader_array(r, v, read_hook, out);
    if (!rc && json_count(v) > MANIFEST_MAX_ENTRIES)
        rc = reader_fail(r, "at most %u", MANIFEST_MAX_ENTRIES);
    return rc ? rc : entry_unique(r, v, STR("name"));
}
