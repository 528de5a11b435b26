/*
 * The keys of the issuers: fetched when they are first needed, kept, and fetched again. One fetch runs
 * at a time, so that an issuer that hangs holds one worker at most. [loop]
 */
#pragma once

#include "adapters/driven/authenticator/key_set.h"
#include "adapters/driven/authenticator/rules.h"

struct key_sources;

struct key_sources_parts {
    const struct auth_rules *rules;
    uint64_t refetch_ms;
    const struct clock_port *clock;
    const struct executor_port *executor;
    const struct log_port *log;
    /* A fetch for this issuer has ended, well or not. */
    void (*settled)(void *ctx, size_t issuer);
    void *ctx;
};

enum key_answer {
    KEY_FOUND,
    KEY_UNKNOWN,     /* the issuer has no such key */
    KEY_LATER,       /* `settled` will be called: ask again then */
    KEY_UNAVAILABLE, /* the keys cannot be had now */
};

int key_sources_new(const struct key_sources_parts *parts, struct key_sources **out,
                    struct error *err);

/* No fetch begins any more; one that runs ends soon. */
void key_sources_stop(struct key_sources *sources);

/* After the workers ended. NULL is allowed. */
void key_sources_free(struct key_sources *sources);

/* Once, before the first find. Borrowed. */
void key_sources_set_module(struct key_sources *sources, const struct auth_module *module);

/* `settled`: asked from there; then the answer is never KEY_LATER. *key is valid until the loop turns. */
enum key_answer key_sources_find(struct key_sources *sources, size_t issuer, struct str kid,
                                 enum token_algorithm algorithm, bool settled,
                                 const struct public_key **key);
