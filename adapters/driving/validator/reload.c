/* Check 39: a new copy takes over from the old one, as a reload has it. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "adapters/driving/validator/census.h"
#include "adapters/driving/validator/checks_calls.h"
#include "adapters/driving/validator/guest.h"

/* The same file once more, as a mapping of its own: the loader tells files apart by their inode. */
static bool load_copy(struct guest *g, struct trial *t)
{
    char path[64];
    const struct str image = t->subject->image;
    int fd = memfd_create("plugin.so", MFD_CLOEXEC);
    *g = (struct guest){.t = t, .probe = probe_new(t)};
    if (fd < 0 || !g->probe || write(fd, image.ptr, image.len) != (ssize_t)image.len)
        return false;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    trial_step(t, "loading a copy of plugin.so");
    g->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    close(fd);
    void *symbol = g->library ? dlsym(g->library, "hexmcp_plugin_create") : NULL;
    memcpy(&g->create, &symbol, sizeof(g->create));
    if (!symbol)
        tell_failure(t, t->subject->binary, "a copy of it cannot be loaded: %s", dlerror());
    return symbol != NULL;
}

struct handed {
    struct buffer bytes;
};

static void keep(void *arg, hexmcp_str bytes)
{
    struct handed *handed = arg;
    buffer_reset(&handed->bytes, SIZE_MAX);
    buffer_add(&handed->bytes, bytes.ptr, bytes.len);
}

static const hexmcp_state_1 *state_of(struct guest *g)
{
    if (!subject_provides(g->t->subject, HEXMCP_STATE_1))
        return NULL;
    trial_step(g->t, "get_interface(\"" HEXMCP_STATE_1 "\")");
    return g->plugin->get_interface(g->plugin->self, HEXMCP_STATE_1);
}

static bool hand_over(struct guest *from, struct guest *to)
{
    const hexmcp_state_1 *old = state_of(from), *new = state_of(to);
    hexmcp_error err = {.size = sizeof(err)};
    struct handed handed = {BUFFER_INIT};
    if (!old || !new)
        return true;
    trial_step(from->t, "save of " HEXMCP_STATE_1);
    int32_t status = old->save(old->self, keep, &handed, &err);
    trial_step(from->t, "load of " HEXMCP_STATE_1);
    if (status == HEXMCP_OK)
        status = new->load(new->self, (hexmcp_str){handed.bytes.data, handed.bytes.len}, &err);
    if (status != HEXMCP_OK)
        tell_failure(from->t, HEXMCP_STATE_1,
                     "the state does not go from the old copy to the new one: "
                     "%.*s",
                     HEXMCP_ERROR_TEXT - 1, err.text);
    buffer_clear(&handed.bytes);
    return status == HEXMCP_OK;
}

static void call_some(struct guest *g, const struct guest_items *items, uint64_t round)
{
    struct buffer arguments = BUFFER_INIT;
    struct guest_answer answer;
    for (size_t i = 0; i < items->count && i < 4; i++) {
        const struct guest_item *item = &items->at[i];
        struct generator gen = guest_generator(g, item, g->t->seed + round);
        guest_arguments(g, item, &gen, &arguments);
        if (!arguments.len || (item->kind == ITEM_TOOL && !g->tools) ||
            (item->kind == ITEM_PROMPT && !g->prompts) ||
            (item->kind != ITEM_TOOL && item->kind != ITEM_PROMPT && !g->resources))
            continue;
        guest_call(g, item, buffer_str(&arguments), 0, &answer);
        guest_answer_clear(&answer);
    }
    buffer_clear(&arguments);
}

void check_reload(struct trial *t)
{
    struct guest old, new;
    struct guest_items items;
    struct census then = {0};
    unsigned rounds = trial_rounds(t, 100, 5);
    guest_fill_scratch(t);
    if (!guest_up(&old, t) || !guest_items(&old, &items))
        return;
    for (unsigned n = 0; n < rounds && trial_clean(t); n++) {
        call_some(&old, &items, n);
        if (!load_copy(&new, t) || !guest_create(&new, NULL) || !guest_init(&new, NULL) ||
            !hand_over(&old, &new) || !guest_interfaces(&new) || !guest_start(&new))
            return;
        call_some(&new, &items, n); /* new calls go to the new one, ... */
        call_some(&old, &items, n); /* ... and the old ones end in the old one */
        guest_down(&old);
        call_some(&new, &items, n + 1);
        old = new;
        if (n == 1)
            then = census_take();
    }
    guest_stop(&old);
    struct census now = census_take();
    now.threads = census_settle(then.threads);
    bool counted = trial_clean(t) && then.threads;
    if (counted && now.threads > then.threads)
        tell_failure(t, "stop", "%u threads are left after %u reloads; join them",
                     now.threads - then.threads, rounds);
    if (counted && now.descriptors > then.descriptors)
        tell_failure(t, "destroy", "%u descriptors are left after %u reloads; close them",
                     now.descriptors - then.descriptors, rounds);
    guest_destroy(&old);
    guest_items_free(&items);
}
