/* What the settings auth.* say, for the commands that need it. */
#pragma once

#include <limits.h>

#include "adapters/driven/authenticator/authenticator.h"
#include "adapters/driven/config/config.h"
#include "adapters/driving/cli/places.h"

/* Where API keys are kept; `*place` is `path`, or NULL if there is no place. ST_CONFIG. */
int auth_keys_place(const struct config *config, const struct places *places, char path[PATH_MAX],
                    const char **place, struct error *err);

/* What decides who comes in, with what it needs. */
struct gate;

struct gate_ports {
    const struct crypto_port *crypto;
    const struct random_port *random;
    const struct clock_port *clock;
    const struct executor_port *executor; /* fetches the keys of issuers, one at a time */
    const struct log_port *log;
};

/* By the settings. ST_CONFIG says which do not go together. Config, places and ports are borrowed. */
int gate_new(const struct config *config, const struct places *places,
             const struct gate_ports *ports, struct gate **out, struct error *err);

/* After authenticator_stop and the end of the workers. NULL is allowed. */
void gate_free(struct gate *gate);

struct auth *gate_auth(const struct gate *gate);
