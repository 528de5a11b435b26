#include "adapters/driving/validator/guest.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "adapters/driving/validator/report.h"
#include "core/json/utf8.h"

void guest_give_up(struct guest *g, const char *where, const char *text)
{
    board_tell(g->t->board, FINDING_CRASH, where, text);
    atomic_store(&g->t->board->ended, 1);
    _exit(g->t->options->in_process ? VALIDATOR_CRASHED : 0);
}

void guest_preload(const struct trial *t)
{
    struct json_doc *doc;
    if (json_parse(buffer_str(&t->subject->facts.needed), &doc, NULL))
        return;
    struct json_iter it = json_iter(json_root(doc));
    while (json_next(&it)) {
        struct buffer name = BUFFER_INIT;
        struct str text;
        if (json_string(it.value, &name, &text)) {
            struct buffer path = BUFFER_INIT;
            buffer_add_str(&path, text);
            buffer_add_char(&path, '\0');
            if (!buffer_failed(&path))
                (void)dlopen(path.data, RTLD_LAZY | RTLD_LOCAL); /* stays loaded */
            buffer_clear(&path);
        }
        buffer_clear(&name);
    }
    json_free(doc);
}

bool guest_load(struct guest *g, struct trial *t)
{
    char path[64];
    *g = (struct guest){.t = t};
    g->probe = probe_new(t);
    if (!g->probe)
        return false;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", t->subject->binary_fd);
    trial_step(t, "loading plugin.so (its constructors run then)");
    g->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!g->library) {
        tell_failure(t, t->subject->binary, "it cannot be loaded: %s", dlerror());
        return false;
    }
    void *symbol = dlsym(g->library, "hexmcp_plugin_create");
    memcpy(&g->create, &symbol, sizeof(g->create));
    if (!g->create)
        tell_failure(t, t->subject->binary, "it exports no hexmcp_plugin_create");
    return g->create != NULL;
}

void guest_judge_error(struct guest *g, const char *where, const char *what, int32_t status,
                       const hexmcp_error *err)
{
    if (status > 0 || status < HEXMCP_E_CONFIG)
        tell_failure(g->t, where,
                     "%s returned the unknown status %d; return HEXMCP_OK or one of "
                     "HEXMCP_E_*",
                     what, status);
    if (status >= 0)
        return;
    size_t len = strnlen(err->text, sizeof(err->text));
    if (len == sizeof(err->text))
        tell_failure(g->t, where,
                     "the error text of %s is not terminated within %d bytes; use "
                     "hexmcp_fail",
                     what, HEXMCP_ERROR_TEXT);
    else if (len == 0)
        tell_failure(g->t, where,
                     "%s failed with %d and left the error text empty; say what failed, "
                     "on what, what to do",
                     what, status);
    else
        probe_look(g->probe, where, "the error text", (hexmcp_str){err->text, len});
}

/* `member` must lie within the table and be set. */
static void judge_member(struct guest *g, const char *table, uint32_t size, size_t end, bool set,
                         const char *member)
{
    if (size < end || !set)
        tell_failure(g->t, table,
                     "the function %s is missing; set it, and `size` to sizeof the "
                     "table",
                     member);
}

#define JUDGE(g, name, table, member)                                                              \
    judge_member(                                                                                  \
        g, name, (table)->size, offsetof(__typeof__(*(table)), member) + sizeof((table)->member),  \
        (table)->size >= offsetof(__typeof__(*(table)), member) + sizeof((table)->member) &&       \
            (table)->member != NULL,                                                               \
        #member)

static bool judge_instance(struct guest *g)
{
    const hexmcp_plugin *p = g->plugin;
    if (!p) {
        tell_failure(g->t, "hexmcp_plugin_create",
                     "it returned HEXMCP_OK and no instance; write *out");
        return false;
    }
    JUDGE(g, "hexmcp_plugin", p, init);
    JUDGE(g, "hexmcp_plugin", p, get_interface);
    JUDGE(g, "hexmcp_plugin", p, destroy);
    return trial_clean(g->t);
}

bool guest_create(struct guest *g, const hexmcp_host *host)
{
    hexmcp_error err = {.size = sizeof(err)};
    const hexmcp_plugin *plugin = NULL;
    trial_step(g->t, "hexmcp_plugin_create");
    int32_t status = g->create(host ? host : probe_host(g->probe), &plugin, &err);
    guest_judge_error(g, "hexmcp_plugin_create", "it", status, &err);
    if (status != HEXMCP_OK) {
        if (!host)
            tell_failure(g->t, "hexmcp_plugin_create", "it failed with %d: %.*s", status,
                         HEXMCP_ERROR_TEXT - 1, err.text);
        return false;
    }
    g->plugin = plugin;
    if (judge_instance(g))
        return true;
    g->plugin = NULL;
    return false;
}

static bool settings_fit(struct trial *t, struct str schema, struct buffer *settings)
{
    struct buffer filled = BUFFER_INIT;
    struct error err;
    bool fit = t->rules->check_settings(t->rules->ctx, schema, buffer_str(settings), &filled,
                                        &err) == ST_OK;
    if (fit) {
        buffer_reset(settings, 4096);
        buffer_add_str(settings, buffer_str(&filled));
    }
    buffer_clear(&filled);
    return fit;
}

void guest_settings(struct trial *t, struct buffer *out)
{
    struct json schema = json_get(subject_json(t->subject), STR("config"));
    struct generator gen = {.rng = {t->seed}, .root = schema};
    buffer_add_str(out, STR("{}"));
    if (!json_exists(schema))
        return;
    for (int tries = 0; tries < 100; tries++) {
        if (settings_fit(t, json_text(schema), out))
            return;
        buffer_reset(out, 4096);
        generate_value(&gen, schema, out);
    }
}

bool guest_init(struct guest *g, const char *config)
{
    hexmcp_error err = {.size = sizeof(err)};
    struct buffer settings = BUFFER_INIT;
    if (config)
        buffer_add_str(&settings, str_from(config));
    else
        guest_settings(g->t, &settings);
    g->probe->created = true;
    trial_step(g->t, "init");
    int32_t status =
        g->plugin->init(g->plugin->self, (hexmcp_str){settings.data, settings.len}, &err);
    guest_judge_error(g, "init", "it", status, &err);
    if (status < 0 && !config)
        tell_failure(g->t, "init", "it failed with %d on settings that fit its schema (%.*s): %.*s",
                     status, STR_ARG(buffer_str(&settings)), HEXMCP_ERROR_TEXT - 1, err.text);
    buffer_clear(&settings);
    return status == HEXMCP_OK;
}

static const void *interface_of(struct guest *g, const char *id)
{
    trial_step(g->t, "get_interface(\"%s\")", id);
    const void *table = g->plugin->get_interface(g->plugin->self, id);
    bool promised = subject_provides(g->t->subject, id);
    if (promised && !table)
        tell_failure(g->t, "get_interface",
                     "it gives nothing for \"%s\", which plugin.json lists in "
                     "\"provides\"",
                     id);
    if (!promised && table)
        tell_warning(g->t, "get_interface",
                     "it gives a table for \"%s\", which plugin.json does not "
                     "list in \"provides\"",
                     id);
    return promised ? table : NULL;
}

static const void *checked(struct guest *g, const char *id, size_t function_end)
{
    const void *table = interface_of(g, id);
    uint32_t size;
    if (!table)
        return NULL;
    memcpy(&size, table, sizeof(size));
    if (size >= function_end && size < 65536)
        return table;
    tell_failure(g->t, "get_interface",
                 "the table for \"%s\" says that it has %u bytes; set its size "
                 "to sizeof the table",
                 id, size);
    return NULL;
}

#define END_OF(type, member) (offsetof(type, member) + sizeof(((type *)0)->member))

bool guest_interfaces(struct guest *g)
{
    g->tools = checked(g, HEXMCP_TOOL_1, END_OF(hexmcp_tool_1, call));
    g->resources = checked(g, HEXMCP_RESOURCE_1, END_OF(hexmcp_resource_1, read));
    g->prompts = checked(g, HEXMCP_PROMPT_1, END_OF(hexmcp_prompt_1, render));
    const hexmcp_hook_1 *hooks = checked(g, HEXMCP_HOOK_1, END_OF(hexmcp_hook_1, run));
    if (hooks)
        JUDGE(g, HEXMCP_HOOK_1, hooks, run);
    if (g->tools)
        JUDGE(g, HEXMCP_TOOL_1, g->tools, call);
    if (g->resources)
        JUDGE(g, HEXMCP_RESOURCE_1, g->resources, read);
    if (g->prompts)
        JUDGE(g, HEXMCP_PROMPT_1, g->prompts, render);
    return trial_clean(g->t);
}

bool guest_start(struct guest *g)
{
    hexmcp_error err = {.size = sizeof(err)};
    if (HEXMCP_HAS(g->plugin, start)) {
        trial_step(g->t, "start");
        int32_t status = g->plugin->start(g->plugin->self, &err);
        guest_judge_error(g, "start", "it", status, &err);
        if (status < 0)
            tell_failure(g->t, "start", "it failed with %d: %.*s", status, HEXMCP_ERROR_TEXT - 1,
                         err.text);
        if (status != HEXMCP_OK)
            return false;
    }
    g->started = true;
    probe_pump(g->probe);
    return true;
}

void guest_stop(struct guest *g)
{
    if (!g->plugin || !g->started)
        return;
    g->started = false;
    probe_stop(g->probe);
    trial_step(g->t, "stop");
    if (HEXMCP_HAS(g->plugin, stop))
        g->plugin->stop(g->plugin->self);
}

void guest_destroy(struct guest *g)
{
    if (g->plugin) {
        if (!g->started)
            probe_stop(g->probe);
        trial_step(g->t, "destroy");
        g->plugin->destroy(g->plugin->self);
        g->plugin = NULL;
    }
    trial_step(g->t, "after destroy");
    probe_free(g->probe);
    g->probe = NULL;
}

bool guest_up(struct guest *g, struct trial *t)
{
    return guest_load(g, t) && guest_create(g, NULL) && guest_init(g, NULL) &&
           guest_interfaces(g) && guest_start(g);
}

bool guest_again(struct guest *g, const struct guest *loaded)
{
    *g = (struct guest){.t = loaded->t, .library = loaded->library, .create = loaded->create};
    g->probe = probe_new(g->t);
    return g->probe && guest_create(g, NULL) && guest_init(g, NULL) && guest_interfaces(g) &&
           guest_start(g);
}

void guest_down(struct guest *g)
{
    guest_stop(g);
    guest_destroy(g);
}
