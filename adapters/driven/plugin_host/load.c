/* Loading a plugin into this process: from the file to an instance that takes calls. */
#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/abi_check.h"
#include "adapters/driven/plugin_host/digest.h"
#include "adapters/driven/plugin_host/elf_image.h"
#include "adapters/driven/plugin_host/in_process.h"
#include "adapters/driven/plugin_host/mapping.h"
#include "adapters/driven/plugin_host/offer.h"
#include "adapters/driven/plugin_host/stores/stores.h"
#include "adapters/driven/plugin_host/worker_service.h"

/* dlerror() begins with the name that dlopen was given; nobody knows it by that. */
static const char *without_path(const char *text, const char *path)
{
    size_t len = strlen(path);
    if (strncmp(text, path, len) != 0)
        return text;
    return text[len] == ':' && text[len + 1] == ' ' ? text + len + 2 : text + len;
}

static int same_info(const struct plugin *p, const hexmcp_plugin_info_1 *info, struct error *err)
{
    const struct record *r = p->record;
    int rc = abi_check("plugin.so", info->abi_major, info->abi_minor, info->min_host_minor, err);
    return rc ? rc
              : abi_check_same(record_text(r, TEXT_ID), record_text(r, TEXT_VERSION), r->abi_major,
                               info, err);
}

/* Is the opened file still the one that was verified? Read again, as nothing has run yet. */
static int check_bytes(const struct plugin *p, const struct stat *st, struct error *err)
{
    struct str image;
    struct elf_facts facts;
    enum refusal why;
    struct file_key key = file_key_of(st);
    if (!file_key_similar(&key, &p->record->binary))
        return error_set(err, ST_DENIED, "plugin.so has changed since hexmcp started; restart it");
    int rc = mapping_open(p->fd, (size_t)st->st_size, &image, err);
    if (rc)
        return rc;
    rc = elf_read(image, &facts, &why, err);
    if (!rc) {
        rc = same_info(p, &facts.info, err);
        buffer_clear(&facts.needed);
    }
    if (!rc)
        rc = digest_check(p->host->config.crypto, record_text(p->record, TEXT_DIGEST),
                          "plugin.json", image, err);
    if (!rc)
        rc = digest_check(p->host->config.crypto, str_from(p->digest), "the lock file", image, err);
    mapping_close(image);
    return rc;
}

/* The same file twice is one library for the dynamic linker; a copy is another one. */
static int copy_binary(struct plugin *p, size_t size, struct error *err)
{
    int fd = memfd_create("plugin.so", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    off_t at = 0;
    if (fd < 0)
        return error_set(err, ST_GENERIC, "cannot copy plugin.so: %s", strerror(errno));
    while ((size_t)at < size)
        if (sendfile(fd, p->fd, &at, size - (size_t)at) <= 0) {
            close(fd);
            return error_set(err, ST_GENERIC, "cannot copy plugin.so: %s", strerror(errno));
        }
    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
    close(p->fd);
    p->fd = fd;
    return ST_OK;
}

int plugin_open_binary(struct plugin *p, struct error *err)
{
    char folder[NAME_MAX + 1];
    struct stat st;
    if (p->fd >= 0)
        return ST_OK; /* in a helper, which got it open and checked */
    struct trust trust = trust_here(p->place->given.origin == PLUGIN_BUNDLED);
    int rc = trust_check_path(&trust, p->place->path, err);
    if (rc)
        return rc;
    int at = open(p->place->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (at < 0)
        return error_set(err, ST_NOT_FOUND, "%s: %s", p->place->path, strerror(errno));
    snprintf(folder, sizeof(folder), "%.*s", STR_ARG(record_text(p->record, TEXT_FOLDER)));
    p->fd = bundle_open_binary(&trust, at, folder, &st, err);
    close(at);
    if (p->fd < 0)
        return p->fd;
    rc = p->beside && !p->isolated ? copy_binary(p, (size_t)st.st_size, err) : ST_OK;
    return rc ? rc : check_bytes(p, &st, err);
}

static int map_library(struct plugin *p, struct error *err)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), p->fd);
    p->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!p->library)
        return error_set(err, ST_UNAVAILABLE, "plugin.so cannot be loaded: %s",
                         without_path(dlerror(), path));
    plugin_move(p, PLUGIN_LOADED);
    /* The file was read before; this is what was mapped. */
    const hexmcp_plugin_info_1 *info = dlsym(p->library, "hexmcp_plugin_info");
    void *create = dlsym(p->library, "hexmcp_plugin_create");
    if (!info || !create)
        return error_set(err, ST_PROTOCOL, "plugin.so lost its exported symbols while loading");
    memcpy(&p->create, &create, sizeof(create));
    return same_info(p, info, err);
}

/* A function of the lifecycle has returned: OK, an error of the plugin, or a breach. */
static int answer_of(const struct plugin *p, const char *function, int32_t status,
                     const hexmcp_error *theirs, struct error *err)
{
    if (status == HEXMCP_OK)
        return ST_OK;
    if (status > 0)
        return breach(p, err, "%s returned the unknown status %d", function, status);
    int rc = plugin_error(p, status, theirs, err);
    error_prefix(err, "%s failed: ", function);
    return rc;
}

static bool instance_complete(const hexmcp_plugin *i)
{
    return i && HEXMCP_HAS(i, init) && HEXMCP_HAS(i, get_interface) && HEXMCP_HAS(i, destroy);
}

static int create_instance(struct plugin *p, struct error *err)
{
    const hexmcp_plugin *instance = NULL;
    hexmcp_error theirs = {.size = sizeof(theirs)};
    int rc = plugin_make_tables(p, err);
    if (rc)
        return rc;
    assert(lifecycle_may_call(p->state, PLUGIN_FN_CREATE));
    rc = answer_of(p, "create", p->create(&p->table, &instance, &theirs), &theirs, err);
    if (rc)
        return rc;
    if (!instance_complete(instance))
        return breach(p, err, "create gave no instance with init, get_interface and destroy");
    p->instance = instance;
    plugin_move(p, PLUGIN_CREATED);
    return ST_OK;
}

/* The person's settings with the defaults of the manifest's schema. */
int plugin_make_settings(struct plugin *p, struct error *err)
{
    const struct plugin_host_config *c = &p->host->config;
    struct str text = c->settings ? c->settings(c->settings_ctx, plugin_id(p)) : STR("{}");
    struct buffer given = BUFFER_INIT, filled = BUFFER_INIT;
    int rc = stores_settings(p, text.len ? text : STR("{}"), &given, err);
    if (!rc && c->checks.check_settings)
        rc = c->checks.check_settings(c->checks.ctx, record_text(p->record, TEXT_CONFIG),
                                      buffer_str(&given), &filled, err);
    else if (!rc)
        buffer_add_str(&filled, buffer_str(&given));
    buffer_wipe(&given);
    if (rc) {
        buffer_clear(&filled);
        error_prefix(err, "its settings do not fit: ");
        return rc;
    }
    free(p->settings);
    p->settings = buffer_take(&filled, NULL);
    return p->settings ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
}

static int init_instance(struct plugin *p, struct error *err)
{
    hexmcp_error theirs = {.size = sizeof(theirs)};
    int rc = plugin_make_settings(p, err);
    if (rc)
        return rc;
    hexmcp_str settings = {p->settings, strlen(p->settings)};
    assert(lifecycle_may_call(p->state, PLUGIN_FN_INIT));
    rc = answer_of(p, "init", p->instance->init(p->instance->self, settings, &theirs), &theirs,
                   err);
    if (!rc)
        plugin_move(p, PLUGIN_READY);
    return rc;
}

/* The table of the interface; NULL if the plugin does not provide it. */
static int find_interface(struct plugin *p, const char *id, const char *function,
                          bool (*complete)(const void *table), const void **out, struct error *err)
{
    if (!plugin_provides(p, id))
        return ST_OK;
    assert(lifecycle_may_call(p->state, PLUGIN_FN_GET_INTERFACE));
    const void *table = p->instance->get_interface(p->instance->self, id);
    if (!table || !complete(table))
        return breach(p, err, "plugin.json provides \"%s\", but there is none with %s", id,
                      function);
    *out = table;
    return ST_OK;
}

static bool tools_complete(const void *table)
{
    const hexmcp_tool_1 *tools = table;
    return HEXMCP_HAS(tools, call);
}

static bool resources_complete(const void *table)
{
    const hexmcp_resource_1 *resources = table;
    return HEXMCP_HAS(resources, read);
}

static bool prompts_complete(const void *table)
{
    const hexmcp_prompt_1 *prompts = table;
    return HEXMCP_HAS(prompts, render);
}

static bool test_complete(const void *table)
{
    const hexmcp_selftest_1 *test = table;
    return HEXMCP_HAS(test, run);
}

static bool state_complete(const void *table)
{
    const hexmcp_state_1 *state = table;
    return HEXMCP_HAS(state, save) && HEXMCP_HAS(state, load);
}

static int find_interfaces(struct plugin *p, struct error *err)
{
    const void *tools = NULL, *resources = NULL, *prompts = NULL, *test = NULL, *state = NULL;
    int rc = find_interface(p, HEXMCP_TOOL_1, "call", tools_complete, &tools, err);
    if (!rc)
        rc = find_interface(p, HEXMCP_RESOURCE_1, "read", resources_complete, &resources, err);
    if (!rc)
        rc = find_interface(p, HEXMCP_PROMPT_1, "render", prompts_complete, &prompts, err);
    if (!rc)
        rc = find_interface(p, HEXMCP_SELFTEST_1, "run", test_complete, &test, err);
    if (!rc)
        rc = find_interface(p, HEXMCP_STATE_1, "save and load", state_complete, &state, err);
    if (!rc)
        rc = stores_find_tables(p, err);
    p->tools = tools;
    p->resources = resources;
    p->prompts = prompts;
    p->self_test = test;
    p->state_keeper = state;
    return rc;
}

/* What the version before it kept. */
static int load_state(struct plugin *p, struct error *err)
{
    hexmcp_error theirs = {.size = sizeof(theirs)};
    const hexmcp_state_1 *keeper = p->state_keeper;
    if (!p->carried || !keeper)
        return ST_OK;
    assert(lifecycle_may_call(p->state, PLUGIN_FN_GET_INTERFACE));
    hexmcp_str state = {p->carried, p->carried_len};
    return answer_of(p, "load", keeper->load(keeper->self, state, &theirs), &theirs, err);
}

static int start_instance(struct plugin *p, struct error *err)
{
    hexmcp_error theirs = {.size = sizeof(theirs)};
    int rc = find_interfaces(p, err);
    if (!rc)
        rc = load_state(p, err);
    free(p->carried);
    p->carried = NULL;
    assert(lifecycle_may_call(p->state, PLUGIN_FN_START));
    if (!rc && HEXMCP_HAS(p->instance, start))
        rc = answer_of(p, "start", p->instance->start(p->instance->self, &theirs), &theirs, err);
    if (rc)
        return rc;
    p->loaded_as = ++p->host->loaded;
    plugin_move(p, PLUGIN_ACTIVE);
    return ST_OK;
}

static int climb(struct plugin *p, struct error *err)
{
    static int (*const steps[])(struct plugin *, struct error *) = {
        plugin_open_binary, map_library, create_instance, init_instance, start_instance,
    };
    int rc = ST_OK;
    for (size_t i = 0; !rc && i < sizeof(steps) / sizeof(steps[0]); i++)
        rc = steps[i](p, err);
    return rc;
}

/* Work that it has begun on workers must be over before it is destroyed. */
static bool ends_in_time(struct plugin *p)
{
    struct timespec until = backend_after(1000);
    bool outside = in_process_outside(p, &until);
    works_end(p);
    return outside;
}

static void destroy_instance(struct plugin *p)
{
    if (!ends_in_time(p)) {
        plugin_log(p, LOG_LEVEL_WARNING, "left as it is: its work does not return");
        return;
    }
    p->instance->destroy(p->instance->self);
}

static void give_up(struct plugin *p, const struct error *err)
{
    if (p->instance) {
        assert(lifecycle_may_call(p->state, PLUGIN_FN_DESTROY));
        plugin_silence(p);
        offers_close(p);
        destroy_instance(p);
        p->instance = NULL;
        plugin_forget_interfaces(p);
    }
    if (p->fd >= 0 && !p->library) {
        close(p->fd);
        p->fd = -1;
    }
    plugin_fail(p, err);
}

int in_process_load(struct plugin *p, struct error *err)
{
    struct error why = {0};
    int rc = climb(p, &why);
    if (rc == ST_OK) {
        plugin_log(p, LOG_LEVEL_DEBUG, "loaded from %.300s/%.*s", p->place->path,
                   STR_ARG(record_text(p->record, TEXT_FOLDER)));
        return ST_OK;
    }
    give_up(p, &why);
    return error_set(err, ST_UNAVAILABLE, "%s", why.text);
}
