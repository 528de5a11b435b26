#include "adapters/driving/cli/platform/hooks.h"

#include <stdlib.h>

#include "core/hook/builtin/builtin.h"

#define KEY_BYTES 32

struct hooks_part {
    struct hooks *hooks;
    struct builtin_parts builtin;
    struct hook_hiding hiding;
    char key[KEY_BYTES]; /* of the redactor, of this process alone */
};

static int configure(struct hooks_part *part, struct json use, struct error *err)
{
    struct json_iter it = json_iter(use);
    int rc = ST_OK;
    while (!rc && json_next(&it)) {
        struct buffer scratch = BUFFER_INIT;
        struct str name, kind;
        struct json hook = json_get(it.value, STR("hook"));
        bool of_plugin = json_plain(hook, &kind) && str_starts(kind, STR("plugin:"));
        if (!json_string(it.key, &scratch, &name))
            rc = error_set(err, ST_NOMEM, "out of memory");
        else if (!of_plugin)
            rc = hooks_configure(part->hooks, &part->builtin, name, it.value, err);
        buffer_clear(&scratch);
    }
    return rc;
}

static int fill(const struct platform *platform, struct hooks_part *part, struct error *err)
{
    part->hooks = platform->hooks;
    int rc = platform->random->fill(platform->random->ctx, part->key, sizeof(part->key), err);
    const struct redactor redactor = {platform->crypto, {part->key, sizeof(part->key)}};
    part->hiding = (struct hook_hiding){redactor, REDACT_RECORD};
    part->builtin = (struct builtin_parts){
        .log = platform->log,
        .clock = platform->clock,
        .timer = platform->timers,
        .random = platform->random,
        .crypto = platform->crypto,
        .events = platform->events,
        .metrics = hook_metrics_new(),
        .redactor = redactor,
    };
    return rc || part->builtin.metrics ? rc : error_set(err, ST_NOMEM, "out of memory");
}

static int add_hooks(const struct platform *platform, struct hooks_part *part, struct error *err)
{
    struct json_doc *use = NULL, *gates = NULL;
    int rc = json_parse(config_text(platform->config, "hooks.use"), &use, err);
    if (!rc)
        rc = json_parse(config_text(platform->config, "hooks.gates"), &gates, err);
    if (!rc)
        rc = configure(part, json_root(use), err);
    if (!rc)
        rc = hook_plugins_add(platform->plugins, platform->hooks, json_root(use), json_root(gates),
                              err);
    if (rc)
        error_prefix(err, "the setting hooks.use: ");
    json_free(use);
    json_free(gates);
    return rc;
}

static void write_metrics(void *ctx, struct buffer *out)
{
    const struct hooks_part *part = ctx;
    hook_metrics_write(part->builtin.metrics, part->hooks, out);
}

static void close_part(void *opened)
{
    struct hooks_part *part = opened;
    hooks_clear(part->hooks); /* they use what goes now */
    hooks_set_hide(part->hooks, NULL, NULL);
    hook_metrics_free(part->builtin.metrics);
    free(part);
}

static int open_part(struct platform *platform, void **out, struct error *err)
{
    struct hooks_part *part = calloc(1, sizeof(*part));
    if (!part)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = fill(platform, part, err);
    hooks_set_hide(platform->hooks, hook_hide, &part->hiding);
    if (!rc)
        rc = add_hooks(platform, part, err);
    if (!rc)
        rc = hook_operations_add(platform->operations, platform->hooks, err);
    if (rc) {
        close_part(part);
        return rc;
    }
    platform->hook_metrics = (struct metrics_source){part, write_metrics};
    *out = part;
    return ST_OK;
}

const struct platform_part platform_hooks = {"hooks", open_part, close_part};
