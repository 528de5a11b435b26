/* Runs and passes are used again: the way of a hook that answers at once allocates nothing. */
#include <stdlib.h>

#include "core/hook/hook.h"

#define KEPT_BYTES ((size_t)4096)

struct hook_run *hook_run_take(struct hooks *hooks)
{
    struct hook_run *run = hooks->unused_runs;
    if (run)
        hooks->unused_runs = run->next;
    else
        run = calloc(1, sizeof(*run));
    if (run) {
        run->hooks = hooks;
        run->next = run->before = NULL;
    }
    return run;
}

void hook_run_recycle(struct hook_run *run)
{
    for (uint32_t i = 0; run->outcome.modified && i < HOOK_MEMBERS_MAX; i++)
        buffer_clear(&run->changed[i]);
    buffer_reset(&run->text, KEPT_BYTES);
    buffer_reset(&run->key, KEPT_BYTES);
    buffer_reset(&run->forks, KEPT_BYTES);
    run->next = run->hooks->unused_runs;
    run->hooks->unused_runs = run;
}

struct hook_pass *hook_pass_take(struct hooks *hooks)
{
    struct hook_pass *pass = hooks->unused_passes;
    if (pass)
        hooks->unused_passes = pass->next;
    else
        pass = calloc(1, sizeof(*pass));
    if (pass)
        pass->hooks = hooks;
    return pass;
}

void hook_pass_recycle(struct hook_pass *pass)
{
    buffer_reset(&pass->turn.says.own, KEPT_BYTES);
    pass->next = pass->hooks->unused_passes;
    pass->hooks->unused_passes = pass;
}

void hook_pools_free(struct hooks *hooks)
{
    while (hooks->unused_runs) {
        struct hook_run *run = hooks->unused_runs;
        hooks->unused_runs = run->next;
        buffer_clear(&run->text);
        buffer_clear(&run->key);
        buffer_clear(&run->forks);
        free(run);
    }
    while (hooks->unused_passes) {
        struct hook_pass *pass = hooks->unused_passes;
        hooks->unused_passes = pass->next;
        buffer_clear(&pass->turn.says.own);
        free(pass);
    }
}
