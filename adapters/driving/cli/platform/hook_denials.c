#include "adapters/driving/cli/platform/hook_denials.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/loop/loop.h"
#include "adapters/driving/cli/platform/hook_tells.h"
#include "core/base/str.h"

/* So many wait for the loop; what a plugin tries beyond is counted as before and told to no hook. */
#define WAITING_MAX 64u

struct hook_denials {
    struct denials_port port;
    const struct denials_port *next;
    struct loop *loop;
    struct hooks *hooks; /* [loop] */
    atomic_uint waiting;
    atomic_bool wanted;
};

struct denial_word {
    struct hook_denials *denials;
    struct str plugin, what;
    char texts[];
};

static void tell(void *arg)
{
    struct denial_word *word = arg;
    atomic_fetch_sub(&word->denials->waiting, 1);
    hook_tell_denied(word->denials->hooks, word->plugin, word->what);
    free(word);
}

static void denied(void *ctx, struct str plugin, struct str what)
{
    struct hook_denials *d = ctx;
    d->next->denied(d->next->ctx, plugin, what);
    if (!atomic_load(&d->wanted) || atomic_load(&d->waiting) >= WAITING_MAX)
        return;
    struct denial_word *word = malloc(sizeof(*word) + plugin.len + what.len);
    if (!word)
        return;
    *word = (struct denial_word){d, {word->texts, plugin.len}, {word->texts + plugin.len, what.len}};
    memcpy(word->texts, plugin.ptr, plugin.len);
    memcpy(word->texts + plugin.len, what.ptr, what.len);
    atomic_fetch_add(&d->waiting, 1);
    if (loop_post(d->loop, tell, word, NULL)) {
        atomic_fetch_sub(&d->waiting, 1);
        free(word);
    }
}

struct hook_denials *hook_denials_new(struct loop *loop, const struct denials_port *next)
{
    struct hook_denials *d = calloc(1, sizeof(*d));
    if (!d)
        return NULL;
    d->port = (struct denials_port){d, denied};
    d->next = next;
    d->loop = loop;
    return d;
}

void hook_denials_free(struct hook_denials *denials)
{
    free(denials);
}

const struct denials_port *hook_denials_port(const struct hook_denials *denials)
{
    return &denials->port;
}

void hook_denials_set(struct hook_denials *denials, struct hooks *hooks)
{
    if (!denials)
        return;
    denials->hooks = hooks;
    atomic_store(&denials->wanted, hooks_any(hooks, HOOK_SECURITY_VIOLATION));
}
