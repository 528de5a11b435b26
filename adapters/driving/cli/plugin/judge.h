/*
 * Decides about the plugins that were found: which are trusted, which are held, and what each gets of
 * what it asks for. docs/adr/0022 says why so.
 */
#pragma once

#include <limits.h>

#include "adapters/driven/config/config.h"
#include "adapters/driven/plugin_host/plugin_host.h"
#include "adapters/driven/plugin_lock/plugin_lock.h"
#include "adapters/driving/cli/command.h"
#include "adapters/driving/cli/places.h"

struct plugin_judge;

/* Reads the lock file. Everything is borrowed. Adds the places of trusted plugins to `places`. */
int plugin_judge_new(const struct config *config, const struct invocation *inv,
                     struct places *places, const struct crypto_port *crypto,
                     struct plugin_judge **out, struct error *err);
void plugin_judge_free(struct plugin_judge *judge);

struct plugin_lock *plugin_judge_lock(struct plugin_judge *judge);

/* All plugins of this start were judged, by the lock file as it was read. Later ones are judged by what
 * it is then. */
void plugin_judge_started(struct plugin_judge *judge);

/* For plugin_host_config. */
void plugin_judge_decide(void *ctx, const struct plugin_facts *facts,
                         struct plugin_verdict *verdict);

/* What the lock file knows a plugin by, made of what the host knows of it. */
struct judged_bundle {
    struct lock_bundle bundle; /* borrows from the rest, and from the facts */
    struct json_doc *asked, *definitions;
    char path[PATH_MAX];
};
int judged_bundle_make(const struct plugin_facts *facts, struct judged_bundle *out,
                       struct error *err);
/* Adds the definitions, which are only needed to compare and to trust. */
int judged_bundle_define(const struct plugin_facts *facts, struct judged_bundle *judged,
                         struct error *err);
void judged_bundle_clear(struct judged_bundle *judged);
