#include "core/changes/changes.h"

#include <stdlib.h>
#include <string.h>

#define LIST_KINDS 3

/* A change that is being told. A listener may tell of another one meanwhile. */
struct telling {
    struct change_listener *next; /* the one to hear of it next */
    struct telling *outer;
};

struct changes {
    const struct timer_port *timer;
    struct timer *gather;
    struct change_service service;
    struct change_listener *first;
    struct telling *telling;
    bool pending[LIST_KINDS];
};

static void listen(void *ctx, struct change_listener *listener)
{
    struct changes *changes = ctx;
    listener->before = NULL;
    listener->next = changes->first;
    if (changes->first)
        changes->first->before = listener;
    changes->first = listener;
}

static void unlisten(void *ctx, struct change_listener *listener)
{
    struct changes *changes = ctx;
    if (changes->first != listener && !listener->before)
        return;
    for (struct telling *telling = changes->telling; telling; telling = telling->outer)
        if (telling->next == listener)
            telling->next = listener->next;
    if (listener->next)
        listener->next->before = listener->before;
    if (listener->before)
        listener->before->next = listener->next;
    else
        changes->first = listener->next;
    listener->next = listener->before = NULL;
}

/* A listener may take itself or another one out while it is told. */
static void tell_now(struct changes *changes, enum change_kind kind, struct str subject)
{
    struct telling telling = {.next = changes->first, .outer = changes->telling};
    struct change change = {.kind = kind, .subject = subject};
    changes->telling = &telling;
    while (telling.next) {
        struct change_listener *at = telling.next;
        telling.next = at->next;
        at->changed(at->user, &change);
    }
    changes->telling = telling.outer;
}

/* What changes while these are told is gathered anew. */
static void gathered(void *arg)
{
    struct changes *changes = arg;
    bool due[LIST_KINDS];
    memcpy(due, changes->pending, sizeof(due));
    memset(changes->pending, 0, sizeof(changes->pending));
    for (int kind = 0; kind < LIST_KINDS; kind++)
        if (due[kind])
            tell_now(changes, (enum change_kind)kind, STR(""));
}

void changes_tell(struct changes *changes, enum change_kind kind, struct str subject)
{
    bool running = changes->pending[CHANGE_TOOLS] || changes->pending[CHANGE_PROMPTS] ||
                   changes->pending[CHANGE_RESOURCES];
    if (kind >= LIST_KINDS) {
        tell_now(changes, kind, subject);
        return;
    }
    changes->pending[kind] = true;
    if (!running)
        changes->timer->set(changes->timer->ctx, changes->gather, CHANGES_GATHER_MS);
}

int changes_new(const struct timer_port *timer, struct changes **out, struct error *err)
{
    struct changes *changes = calloc(1, sizeof(*changes));
    if (!changes)
        return error_set(err, ST_NOMEM, "out of memory");
    changes->timer = timer;
    changes->gather = timer->create(timer->ctx, gathered, changes);
    if (!changes->gather) {
        free(changes);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    changes->service =
        (struct change_service){.ctx = changes, .listen = listen, .unlisten = unlisten};
    *out = changes;
    return ST_OK;
}

void changes_free(struct changes *changes)
{
    if (!changes)
        return;
    changes->timer->free(changes->timer->ctx, changes->gather);
    free(changes);
}

const struct change_service *changes_service(struct changes *changes)
{
    return &changes->service;
}
