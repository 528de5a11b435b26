/* Configuration, plugins, and the libraries of both. */
#include <dlfcn.h>
#include <unistd.h>

#include "adapters/driven/module/module.h"
#include "adapters/driven/plugin_host/plugin_host.h"
#include "adapters/driving/doctor/installation.h"
#include "core/json/json.h"

void check_configuration(void *examination)
{
    struct inspection *x = examination;
    if (x->what->broken)
        note(x, DOCTOR_ERROR, "%s", x->what->broken->text);
}

/* A bundle that lies about unused is a warning; one that should work an error. */
static void judge_plugin(struct inspection *x, const struct plugin_facts *facts)
{
    bool ours = facts->origin == PLUGIN_BUNDLED || facts->origin == PLUGIN_COMMAND_LINE ||
                facts->refusal == REFUSED_ABSENT || facts->enabled;
    if (facts->refusal != REFUSED_NOT && facts->refusal != REFUSED_DUPLICATE)
        note(x, ours ? DOCTOR_ERROR : DOCTOR_WARNING, "%.*s is refused (%s): %.*s",
             STR_ARG(facts->id.len ? facts->id : facts->folder), refusal_name(facts->refusal),
             STR_ARG(facts->reason));
    else if (facts->state == PLUGIN_FAILED || facts->state == PLUGIN_QUARANTINED)
        note(x, DOCTOR_ERROR, "%.*s: %.*s", STR_ARG(facts->id), STR_ARG(facts->reason));
}

void check_plugins(void *examination)
{
    struct inspection *x = examination;
    struct plugin_facts facts;
    size_t enabled = 0;
    if (!x->what->plugins) {
        leave_out(x, "hexmcp could not be set up");
        return;
    }
    for (size_t i = 0; plugin_host_at(x->what->plugins, i, &facts); i++) {
        judge_plugin(x, &facts);
        enabled += facts.enabled && facts.refusal == REFUSED_NOT;
    }
    if (x->what->bundled && access(x->what->bundled, R_OK | X_OK) != 0)
        note(x, DOCTOR_ERROR, "the bundled plugins cannot be read: %s", x->what->bundled);
    else if (!enabled)
        note(x, DOCTOR_WARNING, "no plugin is in use, so there is no tool");
}

static void try_module(struct inspection *x, const char *name)
{
    module_entry *entry;
    struct error err;
    if (module_open(x->what->modules, name, &entry, &err))
        note(x, DOCTOR_ERROR, "%s", err.text);
}

static void try_library(struct inspection *x, struct str plugin, struct str library)
{
    char name[256];
    if (library.len >= sizeof(name) || memchr(library.ptr, '/', library.len))
        return;
    memcpy(name, library.ptr, library.len);
    name[library.len] = '\0';
    void *handle = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
    /* As sandbox_preload() does. */
    if (!handle && dlopen("libm.so.6", RTLD_LAZY | RTLD_GLOBAL))
        handle = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
    if (handle)
        dlclose(handle);
    else
        note(x, DOCTOR_ERROR, "%.*s needs %s, which cannot be loaded: %s", STR_ARG(plugin), name,
             dlerror());
}

static void try_libraries(struct inspection *x, const struct plugin_facts *facts)
{
    struct json_doc *doc;
    struct str name;
    if (!facts->needed.len || json_parse(facts->needed, &doc, NULL))
        return;
    struct json_iter it = json_iter(json_root(doc));
    while (json_next(&it))
        if (json_plain(it.value, &name))
            try_library(x, facts->id, name);
    json_free(doc);
}

void check_libraries(void *examination)
{
    struct inspection *x = examination;
    struct plugin_facts facts;
    if (!x->what->modules) {
        leave_out(x, "hexmcp could not be set up");
        return;
    }
    try_module(x, "regex");
    try_module(x, "crypto");
    for (size_t i = 0; x->what->plugins && plugin_host_at(x->what->plugins, i, &facts); i++)
        if (facts.enabled)
            try_libraries(x, &facts);
}
