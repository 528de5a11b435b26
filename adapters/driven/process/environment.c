/* What a program sees of the environment. */
#include <stdlib.h>

#include "adapters/driven/process/inside.h"

#define LANGUAGE "LANG=C.UTF-8"

static const char *const fixed[] = {LANGUAGE, "PATH=" FIXED_PATH};

/* Names that decide which code runs. */
static bool refused(struct str name)
{
    static const char *const prefixes[] = {"LD_", "DYLD_", "GLIBC_", "MALLOC_", "BASH_FUNC_",
                                           "GIT_EXEC_PATH", "PYTHON", "PERL5", "NODE_OPTIONS"};
    static const char *const names[] = {"PATH", "IFS", "ENV", "BASH_ENV", "GCONV_PATH", "LOCPATH",
                                        "NLSPATH", "RUBYOPT", "RUBYLIB", "PERLLIB", "PERL_UNICODE",
                                        "JAVA_TOOL_OPTIONS", "SHELLOPTS", "PS4"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (str_starts(name, str_from(prefixes[i])))
            return true;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (str_eq(name, str_from(names[i])))
            return true;
    return false;
}

static bool granted(const struct plugin_grants *grants, struct str name)
{
    for (size_t i = 0; i < grants->env_count; i++)
        if (str_eq(grants->env[i], name))
            return true;
    return false;
}

static int check_name(const struct plugin_grants *grants, struct str name, struct error *err)
{
    if (!name.len || memchr(name.ptr, '=', name.len) || memchr(name.ptr, '\0', name.len))
        return error_set(err, ST_INVALID, "\"%.*s\" is no name of an environment variable",
                         STR_ARG(name));
    if (refused(name))
        return error_set(err, ST_DENIED,
                         "the variable %.*s decides which code a program runs; it is never set",
                         STR_ARG(name));
    if (!granted(grants, name))
        return error_set(err, ST_DENIED,
                         "the plugin was not granted the variable %.*s; name it in \"grants\": "
                         "{\"env\": [...]} of plugin.json",
                         STR_ARG(name));
    return ST_OK;
}

/* The value as text; NULL in *out if the host has none. */
static int find_value(struct str name, struct json value, struct buffer *scratch, struct str *out,
                      struct error *err)
{
    char text[256];
    if (json_type(value) == JSON_NULL) {
        snprintf(text, sizeof(text), "%.*s", STR_ARG(name));
        *out = str_from(name.len < sizeof(text) ? getenv(text) : NULL);
        return ST_OK;
    }
    if (!json_string(value, scratch, out) || (out->len && memchr(out->ptr, '\0', out->len)))
        return error_set(err, ST_INVALID,
                         "the variable %.*s must be a text without NUL, or null for the host's value",
                         STR_ARG(name));
    return ST_OK;
}

static int add(struct arena *memory, struct str name, struct str value, char **out,
               struct error *err)
{
    struct buffer line = BUFFER_INIT;
    buffer_add_str(&line, name);
    buffer_add_char(&line, '=');
    buffer_add_str(&line, value);
    *out = buffer_failed(&line) ? NULL : (char *)arena_copy(memory, buffer_str(&line)).ptr;
    buffer_wipe(&line);
    return *out ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
}

static int add_member(const struct plugin_grants *grants, struct arena *memory, struct json key,
                      struct json value, char **list, size_t *count, struct error *err)
{
    struct buffer names = BUFFER_INIT, values = BUFFER_INIT;
    struct str name, text;
    int rc = json_string(key, &names, &name) ? check_name(grants, name, err)
                                             : error_set(err, ST_NOMEM, "out of memory");
    if (!rc)
        rc = find_value(name, value, &values, &text, err);
    size_t at = *count;
    /* LANG may be another one. */
    if (!rc && str_eq(name, STR("LANG")))
        at = 0;
    if (!rc && text.ptr)
        rc = add(memory, name, text, &list[at], err);
    if (!rc && text.ptr && at == *count)
        ++*count;
    buffer_clear(&names);
    buffer_wipe(&values);
    return rc;
}

int process_environment_make(const struct plugin_grants *grants, struct json wanted, struct arena *memory,
                     char ***out, struct error *err)
{
    size_t count = sizeof(fixed) / sizeof(fixed[0]);
    if (json_exists(wanted) && json_type(wanted) != JSON_OBJECT)
        return error_set(err, ST_INVALID, "\"environment\" must be an object");
    char **list = arena_alloc(memory, (count + json_count(wanted) + 1) * sizeof(*list));
    if (!list)
        return error_set(err, ST_NOMEM, "out of memory");
    for (size_t i = 0; i < count; i++)
        list[i] = (char *)arena_copy(memory, str_from(fixed[i])).ptr;
    struct json_iter it = json_iter(wanted);
    int rc = memory->failed ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
    while (!rc && json_next(&it))
        rc = add_member(grants, memory, it.key, it.value, list, &count, err);
    if (!rc)
        *out = list;
    return rc;
}
