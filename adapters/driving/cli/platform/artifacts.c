/* Artifacts: their operations, over the values and blobs of the store. */
#include <stdlib.h>

#include "adapters/driven/zstd/zstd.h"
#include "adapters/driving/cli/places.h"
#include "adapters/driving/cli/platform/platform.h"
#include "core/artifact/artifact.h"

#define HOUR_MS ((uint64_t)60 * 60 * 1000)

struct part {
    struct zstd_module *zstd;
    struct artifacts *artifacts;
};

static void close(void *arg)
{
    struct part *part = arg;
    artifacts_free(part->artifacts);
    zstd_module_free(part->zstd);
    free(part);
}

static int make(struct part *part, struct platform *platform, struct error *err)
{
    const struct config *config = platform->config;
    int rc = zstd_module_new(places_modules(platform->places), &part->zstd, err);
    if (rc)
        return rc;
    const struct artifact_ports ports = {platform->values,   platform->blobs,
                                         platform->executor, zstd_module_port(part->zstd),
                                         platform->clock,    platform->random};
    const struct artifact_limits limits = {
        .artifact_bytes = (uint64_t)config_integer(config, "artifacts.max_bytes"),
        .session_bytes = (uint64_t)config_integer(config, "artifacts.max_session_bytes"),
        .tenant_bytes = (uint64_t)config_integer(config, "artifacts.max_tenant_bytes"),
        .grace_ms = (uint64_t)config_integer(config, "artifacts.grace_hours") * HOUR_MS,
    };
    rc = artifacts_new(&ports, &limits, &part->artifacts, err);
    return rc ? rc : artifacts_add_operations(part->artifacts, platform->operations, err);
}

static int open(struct platform *platform, void **out, struct error *err)
{
    struct part *part = calloc(1, sizeof(*part));
    if (!part)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = make(part, platform, err);
    if (rc) {
        close(part);
        return rc;
    }
    *out = part;
    return ST_OK;
}

const struct platform_part platform_artifacts = {"artifacts", open, close};
