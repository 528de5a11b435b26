#include "adapters/driving/cli/places.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driving/cli/command.h"
#include "core/json/json.h"

#define MAX_PLACES 64
#define MAX_IDS 256
#define SYSTEM_PLUGINS "/usr/local/lib/hexmcp/plugins-1"
#define CONFIGURED_LIB HEXMCP_PREFIX "/" HEXMCP_LIBDIR "/hexmcp"

struct places {
    char modules[PATH_MAX];
    char user_index[PATH_MAX];
    char plugin_host[PATH_MAX];
    char state[PATH_MAX];
    char lock[PATH_MAX];
    struct plugin_place list[MAX_PLACES];
    size_t count;
    const char *enable[MAX_IDS];
    size_t enable_count;
    const char *disable[MAX_IDS];
    size_t disable_count;
    char *owned[MAX_PLACES + 2 * MAX_IDS]; /* the strings above */
    size_t owned_count;
};

static const char *keep(struct places *p, struct str text)
{
    if (p->owned_count == sizeof(p->owned) / sizeof(p->owned[0]))
        return NULL;
    char *copy = strndup(text.ptr, text.len);
    if (copy)
        p->owned[p->owned_count++] = copy;
    return copy;
}

static void add_place(struct places *p, const char *path, enum plugin_origin origin, bool bundle,
                      bool enable_all)
{
    if (path && p->count < MAX_PLACES)
        p->list[p->count++] = (struct plugin_place){path, origin, bundle, enable_all};
}

static void add_joined(struct places *p, const char *base, const char *rest,
                       enum plugin_origin origin, bool enable_all)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof(path), "%s%s", base, rest);
    if (len > 0 && (size_t)len < sizeof(path))
        add_place(p, keep(p, str_from(path)), origin, false, enable_all);
}

/* The folder of the running program, without a slash at the end. */
static int program_folder(char *out, size_t size)
{
    ssize_t len = readlink("/proc/self/exe", out, size - 1);
    if (len <= 0)
        return -1;
    out[len] = '\0';
    char *slash = strrchr(out, '/');
    if (slash)
        *slash = '\0';
    return 0;
}

static bool has_plugins(const char *folder, const char *rest)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof(path), "%s%s", folder, rest);
    return len > 0 && (size_t)len < sizeof(path) && access(path, R_OK) == 0;
}

static void find_plugin_host(struct places *p, const char *folder)
{
    static const char configured[] = HEXMCP_PREFIX "/" HEXMCP_LIBEXECDIR "/hexmcp/hexmcp-plugin-host";
    int len = snprintf(p->plugin_host, sizeof(p->plugin_host),
                       "%s/../" HEXMCP_LIBEXECDIR "/hexmcp/hexmcp-plugin-host", folder);
    if (len < 0 || (size_t)len >= sizeof(p->plugin_host) || access(p->plugin_host, X_OK))
        snprintf(p->plugin_host, sizeof(p->plugin_host), "%s", configured);
}

/* In the build folder `plugins` lies beside the program. An installation is found from the program,
 * so that its prefix can be moved; from the configured prefix if only the program was copied. */
static int find_bundled(struct places *p, struct error *err)
{
    char folder[PATH_MAX - 64], lib[PATH_MAX - 32];
    if (program_folder(folder, sizeof(folder)))
        return error_set(err, ST_UNAVAILABLE, "/proc/self/exe cannot be read; is /proc mounted?");
    if (has_plugins(folder, "/plugins/index")) {
        add_joined(p, folder, "/plugins", PLUGIN_BUNDLED, true);
        snprintf(p->modules, sizeof(p->modules), "%s", folder);
        snprintf(p->plugin_host, sizeof(p->plugin_host), "%s/hexmcp-plugin-host", folder);
        return ST_OK;
    }
    snprintf(lib, sizeof(lib), "%s/../" HEXMCP_LIBDIR "/hexmcp", folder);
    if (!has_plugins(lib, "/plugins-1") && has_plugins(CONFIGURED_LIB, "/plugins-1"))
        snprintf(lib, sizeof(lib), "%s", CONFIGURED_LIB);
    add_joined(p, lib, "/plugins-1", PLUGIN_BUNDLED, true);
    snprintf(p->modules, sizeof(p->modules), "%s/modules", lib);
    find_plugin_host(p, folder);
    return ST_OK;
}

/* `variable`/rest, else $HOME/fallback/rest. */
static void from_home(char *out, size_t size, const char *variable, const char *fallback,
                      const char *rest)
{
    const char *base = secure_getenv(variable), *home = secure_getenv("HOME");
    int len = 0;
    if (base && base[0] == '/')
        len = snprintf(out, size, "%s%s", base, rest);
    else if (home && home[0] == '/')
        len = snprintf(out, size, "%s%s%s", home, fallback, rest);
    if (len <= 0 || (size_t)len >= size)
        out[0] = '\0';
}

bool places_socket(char *out, size_t size)
{
    const char *runtime = secure_getenv("XDG_RUNTIME_DIR");
    if (runtime && runtime[0] == '/')
        from_home(out, size, "XDG_RUNTIME_DIR", "", "/hexmcp/hexmcp.sock");
    else
        from_home(out, size, "", "/.local/state", "/hexmcp/hexmcp.sock");
    return out[0] != '\0';
}

int places_server_socket(const struct invocation *inv, char *out, size_t size, struct error *err)
{
    const char *given = invocation_option(inv, "unix");
    if (given && strlen(given) >= size)
        return error_set(err, ST_INVALID, "--unix: the path is too long");
    if (given)
        snprintf(out, size, "%s", given);
    else if (!places_socket(out, size))
        return error_set(err, ST_CONFIG,
                         "neither XDG_RUNTIME_DIR nor HOME is set; name the socket with --unix PATH");
    return ST_OK;
}

bool places_state_file(char *out, size_t size, const char *name)
{
    char folder[PATH_MAX];
    from_home(folder, sizeof(folder), "XDG_STATE_HOME", "/.local/state", "/hexmcp/");
    int len = snprintf(out, size, "%s%s", folder, name);
    return folder[0] && len > 0 && (size_t)len < size;
}

static void add_path_list(struct places *p, const char *list)
{
    while (list && *list) {
        size_t len = strcspn(list, ":");
        if (len)
            add_place(p, keep(p, (struct str){list, len}), PLUGIN_ENVIRONMENT, false, false);
        list += len + (list[len] == ':');
    }
}

/* Calls `take` with each decoded string of the setting. */
static void for_each_string(struct places *p, const struct config *config, const char *key,
                            void (*take)(struct places *p, const char *text))
{
    struct json_doc *doc;
    struct buffer scratch = BUFFER_INIT;
    if (json_parse(config_text(config, key), &doc, NULL))
        return;
    struct json_iter it = json_iter(json_root(doc));
    struct str text;
    while (json_next(&it))
        if (json_string(it.value, &scratch, &text)) {
            const char *kept = keep(p, text);
            if (kept)
                take(p, kept);
        }
    buffer_clear(&scratch);
    json_free(doc);
}

static void take_path(struct places *p, const char *text)
{
    add_place(p, text, PLUGIN_CONFIG, false, false);
}

/* An id enables what was found; a path with a slash is a bundle of its own. */
static void take_enable(struct places *p, const char *text)
{
    if (strchr(text, '/'))
        add_place(p, text, PLUGIN_COMMAND_LINE, true, true);
    else if (p->enable_count < MAX_IDS)
        p->enable[p->enable_count++] = text;
}

static void take_disable(struct places *p, const char *text)
{
    if (p->disable_count < MAX_IDS)
        p->disable[p->disable_count++] = text;
}

static bool same_folder(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int places_new(const struct config *config, struct places **out, struct error *err)
{
    struct places *p = calloc(1, sizeof(*p));
    char user[PATH_MAX];
    if (!p)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = find_bundled(p, err);
    if (rc) {
        places_free(p);
        return rc;
    }
    /* An installation below /usr/local has its own plugins there. */
    if (!same_folder(p->list[0].path, SYSTEM_PLUGINS))
        add_place(p, SYSTEM_PLUGINS, PLUGIN_SYSTEM, false, false);
    if (places_user_plugins(user, sizeof(user)))
        add_place(p, keep(p, str_from(user)), PLUGIN_USER, false, false);
    add_path_list(p, secure_getenv("HEXMCP_PLUGIN_PATH"));
    for_each_string(p, config, "plugins.path", take_path);
    for_each_string(p, config, "plugins.enable", take_enable);
    for_each_string(p, config, "plugins.disable", take_disable);
    snprintf(p->lock, sizeof(p->lock), "%.*s", STR_ARG(config_string(config, "plugins.lock")));
    if (!p->lock[0])
        from_home(p->lock, sizeof(p->lock), "XDG_CONFIG_HOME", "/.config", "/hexmcp/plugins.lock");
    from_home(p->state, sizeof(p->state), "XDG_STATE_HOME", "/.local/state", "/hexmcp");
    from_home(p->user_index, sizeof(p->user_index), "XDG_CACHE_HOME", "/.cache",
              "/hexmcp/plugins-index");
    *out = p;
    return ST_OK;
}

void places_free(struct places *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->owned_count; i++)
        free(p->owned[i]);
    free(p);
}

const char *places_bundled(const struct places *p)
{
    return p->count && p->list[0].origin == PLUGIN_BUNDLED ? p->list[0].path : "";
}

const char *places_modules(const struct places *p)
{
    return p->modules;
}

const char *places_state(const struct places *p)
{
    return p->state[0] ? p->state : NULL;
}

const char *places_plugin_host(const struct places *p)
{
    return p->plugin_host;
}

const char *places_user_index(const struct places *p)
{
    return p->user_index[0] ? p->user_index : NULL;
}

const char *places_lock(const struct places *p)
{
    return p->lock[0] ? p->lock : NULL;
}

void places_add_trusted(struct places *p, struct str path)
{
    char folder[PATH_MAX], bundle[PATH_MAX];
    if (path.len == 0 || path.len >= sizeof(bundle) || path.ptr[0] != '/')
        return;
    snprintf(bundle, sizeof(bundle), "%.*s", (int)path.len, path.ptr);
    snprintf(folder, sizeof(folder), "%.*s", (int)path.len, path.ptr);
    char *slash = strrchr(folder, '/');
    slash[slash == folder] = '\0';
    for (size_t i = 0; i < p->count; i++)
        if (same_folder(p->list[i].path, p->list[i].bundle ? bundle : folder))
            return;
    add_place(p, keep(p, path), PLUGIN_CONFIG, true, false);
}

bool places_enables(const struct places *p, struct str id)
{
    for (size_t i = 0; i < p->enable_count; i++)
        if (str_eq(str_from(p->enable[i]), id))
            return true;
    return false;
}

void places_fill(const struct places *p, struct plugin_host_config *host)
{
    host->places = p->list;
    host->place_count = p->count;
    host->enable = p->enable;
    host->enable_count = p->enable_count;
    host->disable = p->disable;
    host->disable_count = p->disable_count;
}

bool places_user_plugins(char *out, size_t size)
{
    from_home(out, size, "XDG_DATA_HOME", "/.local/share", "/hexmcp/plugins");
    return out[0] != '\0';
}

bool places_templates(char *out, size_t size)
{
    char folder[PATH_MAX - 64];
    if (program_folder(folder, sizeof(folder)))
        return false;
    snprintf(out, size, "%s/templates", folder);
    if (access(out, R_OK) == 0)
        return true;
    snprintf(out, size, "%s/../" HEXMCP_DATADIR "/hexmcp/templates", folder);
    if (access(out, R_OK) != 0)
        snprintf(out, size, "%s/%s", HEXMCP_PREFIX, HEXMCP_DATADIR "/hexmcp/templates");
    return true;
}
