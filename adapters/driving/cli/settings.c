#include "adapters/driving/cli/settings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/json/writer.h"

#define SYSTEM_FILE "/etc/hexmcp/config.json"

/* "$XDG_CONFIG_HOME/hexmcp/config.json", else below ~/.config. False if there is no home. */
static bool user_file(char *path, size_t size)
{
    const char *base = secure_getenv("XDG_CONFIG_HOME");
    const char *home = secure_getenv("HOME");
    int len;
    if (base && base[0] == '/')
        len = snprintf(path, size, "%s/hexmcp/config.json", base);
    else if (home && home[0] == '/')
        len = snprintf(path, size, "%s/.config/hexmcp/config.json", home);
    else
        return false;
    return len > 0 && (size_t)len < size;
}

static int apply_set(struct config *config, const char *text, struct error *err)
{
    const char *equals = strchr(text, '=');
    if (!equals)
        return error_set(err, ST_INVALID, "--set %s: expected KEY=VALUE", text);
    return config_set(config, (struct str){text, (size_t)(equals - text)}, str_from(equals + 1),
                      err);
}

/* An option that is a setting by another name. */
static int apply_word(const struct invocation *inv, struct config *config, const char *option,
                      const char *key, struct error *err)
{
    const char *value = invocation_option(inv, option);
    return value ? config_set(config, str_from(key), str_from(value), err) : ST_OK;
}

/* An option that adds to a list. */
static int apply_list(const struct invocation *inv, struct config *config, const char *option,
                      const char *key, struct error *err)
{
    struct buffer list = BUFFER_INIT;
    struct str before = config_text(config, key);
    buffer_add(&list, before.ptr, before.len - 1);
    bool any = before.len > 2, given = false;
    for (int i = 0; i < inv->given_count; i++)
        if (strcmp(inv->given[i].name, option) == 0) {
            if (any)
                buffer_add_char(&list, ',');
            json_quote(&list, str_from(inv->given[i].value));
            any = given = true;
        }
    buffer_add_char(&list, ']');
    int rc = given ? config_set(config, str_from(key), buffer_str(&list), err) : ST_OK;
    buffer_clear(&list);
    return rc;
}

void settings_sources(const struct invocation *inv, struct settings_paths *paths,
                      struct config_sources *out)
{
    *out = (struct config_sources){
        .system_path = SYSTEM_FILE,
        .user_path = user_file(paths->user, sizeof(paths->user)) ? paths->user : NULL,
        .project_path = PROJECT_FILE,
        .chosen_path = invocation_option(inv, "config"),
        .environment = environ,
    };
}

int settings_load(const struct invocation *inv, struct config **out, struct error *err)
{
    static const char *const lists[][2] = {
        {"plugin", "plugins.enable"},         {"allow-read", "grants.read"},
        {"allow-write", "grants.write"},      {"allow-host", "grants.hosts"},
        {"allow-program", "grants.programs"}, {"allow-env", "grants.env"},
    };
    struct settings_paths paths;
    struct config_sources sources;
    settings_sources(inv, &paths, &sources);
    struct config *config;
    int rc = config_load(&sources, &config, err);
    if (rc)
        return rc;
    for (int i = 0; i < inv->given_count && !rc; i++)
        if (strcmp(inv->given[i].name, "set") == 0)
            rc = apply_set(config, inv->given[i].value, err);
    if (!rc)
        rc = apply_word(inv, config, "profile", "tools.profile", err);
    if (!rc)
        rc = apply_word(inv, config, "tls-cert", "listen.tls_cert", err);
    if (!rc)
        rc = apply_word(inv, config, "tls-key", "listen.tls_key", err);
    for (size_t i = 0; !rc && i < sizeof(lists) / sizeof(lists[0]); i++)
        rc = apply_list(inv, config, lists[i][0], lists[i][1], err);
    if (rc) {
        config_free(config);
        return rc;
    }
    *out = config;
    return ST_OK;
}
