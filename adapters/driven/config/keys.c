#include "adapters/driven/config/keys.h"

#include <ctype.h>
#include <stdio.h>

#include "core/base/nearest.h"

ptrdiff_t key_find(struct str key)
{
    for (size_t i = 0; i < config_setting_count; i++)
        if (str_eq(str_from(config_settings[i].key), key))
            return (ptrdiff_t)i;
    return -1;
}

bool key_is_section(struct str section)
{
    for (size_t i = 0; i < config_setting_count; i++) {
        struct str known = str_from(config_settings[i].key);
        if (known.len > section.len && str_starts(known, section) &&
            known.ptr[section.len] == '.')
            return true;
    }
    return false;
}

int key_unknown(struct str key, struct error *err)
{
    struct nearest near = {.word = key};
    for (size_t i = 0; i < config_setting_count; i++) {
        struct str known = str_from(config_settings[i].key);
        nearest_offer(&near, known);
        const char *dot = memchr(known.ptr, '.', known.len);
        nearest_offer(&near, (struct str){known.ptr, dot ? (size_t)(dot - known.ptr) : known.len});
    }
    if (near.best.len)
        return error_set(err, ST_CONFIG, "unknown setting \"%.*s\"; did you mean \"%.*s\"?",
                         STR_ARG(key), STR_ARG(near.best));
    return error_set(err, ST_CONFIG,
                     "unknown setting \"%.*s\"; \"hexmcp config show\" lists all of them",
                     STR_ARG(key));
}

void key_variable(const char *key, char *out)
{
    snprintf(out, VARIABLE_MAX, "HEXMCP_%s", key);
    for (char *c = out; *c; c++)
        *c = *c == '.' ? '_' : (char)toupper((unsigned char)*c);
}

/* Variables that are no settings: they are read elsewhere. */
static bool is_other_variable(struct str name)
{
    static const char *const others[] = {"HEXMCP_PLUGIN_PATH", "HEXMCP_CACHE",
                                         "HEXMCP_SCHEMA_SUITE", "HEXMCP_MCP_SCHEMA"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (str_eq(name, str_from(others[i])))
            return true;
    return false;
}

enum variable_kind key_of_variable(struct str name, size_t *index, struct error *err)
{
    char known[VARIABLE_MAX];
    struct nearest near = {.word = name};
    for (size_t i = 0; i < config_setting_count; i++) {
        key_variable(config_settings[i].key, known);
        if (str_eq(str_from(known), name)) {
            *index = i;
            return VARIABLE_SETTING;
        }
    }
    if (is_other_variable(name))
        return VARIABLE_OTHER;
    for (size_t i = 0; i < config_setting_count && !near.best.len; i++) {
        key_variable(config_settings[i].key, known);
        nearest_offer(&near, str_from(known));
    }
    if (!near.best.len)
        return VARIABLE_UNKNOWN;
    error_set(err, ST_CONFIG, "unknown variable %.*s; did you mean %.*s?", STR_ARG(name),
              STR_ARG(near.best));
    return VARIABLE_NEAR;
}
