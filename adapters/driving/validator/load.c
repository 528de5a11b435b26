/* Checks 14 to 19: loading and creating. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "adapters/driving/validator/census.h"
#include "adapters/driving/validator/checks_load.h"
#include "adapters/driving/validator/guest.h"

#define START_LIMIT_MS 100.0
#define GROWTH_KIB 2048ul

void check_load(struct trial *t)
{
    struct guest g;
    if (guest_load(&g, t))
        probe_free(g.probe);
}

static double cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

/* By processor time: how busy the machine is says nothing about the plugin. */
void check_create(struct trial *t)
{
    struct guest g;
    double from = cpu_ms();
    if (!guest_load(&g, t) || !guest_create(&g, NULL))
        return;
    double took = cpu_ms() - from;
    if (took > START_LIMIT_MS)
        tell_warning(t, "hexmcp_plugin_create",
                     "loading and creating took %.0f ms, more than %.0f; do "
                     "the work in start or at the first call",
                     took, START_LIMIT_MS);
    guest_destroy(&g);
}

static void list_descriptors(struct trial *t, const bool *before)
{
    char what[128];
    for (int fd = 0; fd < 256; fd++) {
        census_describe(fd, what, sizeof(what));
        if (what[0] && !before[fd])
            tell_failure(t, t->subject->binary,
                         "its constructors open %s; open things in init or "
                         "start",
                         what);
        else if (!what[0] && before[fd])
            tell_failure(t, t->subject->binary,
                         "its constructors close the descriptor %d, which is "
                         "not theirs; close only what you opened",
                         fd);
    }
}

void check_constructors(struct trial *t)
{
    bool before[256];
    char what[128];
    struct guest g;
    struct census then = census_take();
    for (int fd = 0; fd < 256; fd++) {
        census_describe(fd, what, sizeof(what));
        before[fd] = what[0] != '\0';
    }
    if (!guest_load(&g, t))
        return;
    unsigned threads = census_take().threads;
    if (threads > then.threads)
        tell_failure(t, t->subject->binary,
                     "its constructors start %u thread%s; start them in start, "
                     "and join them in stop",
                     threads - then.threads, threads - then.threads == 1 ? "" : "s");
    list_descriptors(t, before);
    probe_free(g.probe);
}

/* Creates it with a host that says of itself what `host` says. */
static void try_host(struct trial *t, struct guest *g, const hexmcp_host *host, const char *what,
                     bool may_work)
{
    hexmcp_error err = {.size = sizeof(err)};
    const hexmcp_plugin *plugin = NULL;
    trial_step(t, "hexmcp_plugin_create with %s", what);
    int32_t status = g->create(host, &plugin, &err);
    guest_judge_error(g, "hexmcp_plugin_create", "it", status, &err);
    if (status == HEXMCP_OK && plugin) {
        if (!may_work)
            tell_failure(t, "hexmcp_plugin_create", "it works with %s; return HEXMCP_E_UNSUPPORTED",
                         what);
        trial_step(t, "destroy after hexmcp_plugin_create with %s", what);
        plugin->destroy(plugin->self);
    } else if (status < 0 && plugin) {
        tell_failure(t, "hexmcp_plugin_create",
                     "it writes *out although it fails; write it only on "
                     "success");
    }
}

/* The table of version 1.0 is the smallest that a host can have; the host refuses other majors
 * before create. A newer host's table is longer, and its minor number higher. */
void check_host_sizes(struct trial *t)
{
    struct guest g;
    struct {
        hexmcp_host host;
        void *more[16];
    } longer = {.more = {NULL}};
    if (!guest_load(&g, t))
        return;
    longer.host = *probe_host(g.probe);
    longer.host.size = sizeof(longer);
    longer.host.abi_minor = HEXMCP_ABI_MINOR + 7;
    try_host(t, &g, &longer.host, "a newer host, whose table is longer", true);
    hexmcp_host smaller = *probe_host(g.probe);
    smaller.size = (uint32_t)offsetof(hexmcp_host, progress);
    smaller.progress = NULL;
    try_host(t, &g, &smaller, "a host whose table lacks `progress`", true);
    probe_free(g.probe);
}

static void try_interface(struct trial *t, struct guest *g, const char *id)
{
    trial_step(t, "get_interface(\"%s\")", id);
    if (g->plugin->get_interface(g->plugin->self, id))
        tell_failure(t, "get_interface",
                     "it gives a table for \"%s\", which nobody knows; compare the "
                     "whole id",
                     id);
}

void check_interface_ids(struct trial *t)
{
    static const char *const unknown[] = {
        "", "hexmcp.nothing/1", "hexmcp.tool", "hexmcp.tool/", "hexmcp.tool/9", "HEXMCP.TOOL/1"};
    static const char *const known[] = {HEXMCP_TOOL_1, HEXMCP_RESOURCE_1, HEXMCP_PROMPT_1};
    struct guest g;
    char id[64];
    if (!guest_load(&g, t) || !guest_create(&g, NULL) || !guest_init(&g, NULL))
        return;
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        try_interface(t, &g, unknown[i]);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        snprintf(id, sizeof(id), "%s0", known[i]);
        try_interface(t, &g, id);
        snprintf(id, sizeof(id), "%sgarbage", known[i]);
        try_interface(t, &g, id);
    }
    guest_interfaces(&g);
    guest_destroy(&g);
}

void check_create_destroy(struct trial *t)
{
    struct guest g;
    unsigned rounds = trial_rounds(t, 1000, 20);
    struct census then = {0};
    if (!guest_load(&g, t))
        return;
    for (unsigned i = 0; i < rounds && trial_clean(t); i++) {
        struct guest one = {.t = t, .create = g.create, .probe = probe_new(t)};
        if (!one.probe || !guest_create(&one, NULL))
            return;
        guest_destroy(&one);
        if (i == rounds / 10)
            then = census_take();
    }
    struct census now = census_take();
    now.threads = census_settle(then.threads);
    if (now.threads > then.threads)
        tell_failure(t, "destroy",
                     "%u threads are left after %u times create and destroy; join them",
                     now.threads - then.threads, rounds);
    if (now.descriptors > then.descriptors)
        tell_failure(t, "destroy",
                     "%u descriptors are left after %u times create and destroy; close "
                     "them",
                     now.descriptors - then.descriptors, rounds);
    if (now.resident_kib > then.resident_kib + GROWTH_KIB)
        tell_failure(t, "destroy",
                     "%lu KiB are left after %u times create and destroy; free what "
                     "create allocates",
                     now.resident_kib - then.resident_kib, rounds);
    probe_free(g.probe);
}
