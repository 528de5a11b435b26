/* What the commands that make and move bundles need of the program: no plugin, no loop. */
#pragma once

#include "adapters/driven/plugin_host/bundle.h"
#include "adapters/driving/cli/command.h"
#include "adapters/driving/cli/places.h"
#include "adapters/driving/cli/plugin_checks.h"

#define DIGEST_TEXT (sizeof("sha256:") + 64)

struct workshop {
    struct config *config;
    struct places *places;
    struct crypto_module *crypto;
    struct regex_module *regex;
    struct plugin_checker checker;
};

/* The caller closes it, also after a failure. */
int workshop_open(const struct invocation *inv, struct workshop *out, struct error *err);
void workshop_close(struct workshop *w);

/* Verifies the bundle `name` in the open folder `at` as the host does, and runs nothing of it. The
 * record is from malloc. ST_DENIED with the reason of a refusal. */
int workshop_verify(struct workshop *w, int at, const char *name, struct record **out,
                    struct error *err);

/* "sha256:..." of a regular file that is open for reading. */
int workshop_digest(struct workshop *w, int fd, char out[DIGEST_TEXT], struct error *err);
