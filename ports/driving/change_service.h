/*
 * One source of the changes that clients may want to hear of. All [loop].
 */
#pragma once

#include "ports/types.h"

enum change_kind {
    CHANGE_TOOLS,     /* the list of tools; bursts are told once                      */
    CHANGE_PROMPTS,   /* the list of prompts                                          */
    CHANGE_RESOURCES, /* the lists of resources and templates                         */
    CHANGE_RESOURCE,  /* the content of one resource: `subject` is its URI            */
    CHANGE_TASK,      /* the state of one task: `subject` is its id                   */
    CHANGE_ELICITATION, /* something at a URL is done: `subject` is the elicitation's id */
};

struct change {
    enum change_kind kind;
    struct str subject; /* borrowed until return */
};

/* Owned by who listens; linked into a list of the service while it is listening. */
struct change_listener {
    void (*changed)(void *user, const struct change *change);
    void *user;
    struct change_listener *next, *before;
};

struct change_service {
    void *ctx;
    void (*listen)(void *ctx, struct change_listener *listener);
    /* May be called from changed(), for any listener. Nothing happens to one that does not listen. */
    void (*unlisten)(void *ctx, struct change_listener *listener);
};
