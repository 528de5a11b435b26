/*
 * plugin.c - the tool "environment-manager" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "answers.h"
#include "kit/args.h"
#include "names.h"

#include "hexmcp/plugin.h"

struct state {
    int allow_set;
};

enum operation { GET, LIST, PATTERN, SET };
static const char *const operations[] = {"get", "list", "pattern", "set", NULL};

static const char *read_name(struct args *args)
{
    const char *name = args_needed(args, "variable_name", NAME_MAX_BYTES);
    if (args_status(args) == HEXMCP_OK && !name_is_valid(name))
        args_fail(args, HEXMCP_E_INVALID,
                  "variable_name: \"%s\" is no name of a variable; use letters, digits and _, and no "
                  "digit in front",
                  name);
    return name;
}

static int32_t answer_set(const hexmcp_round *r, const char *name, bool removed, bool changed,
                          bool dry_run)
{
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, r);
    hexmcp_json_put_text(w, "operation", "set");
    hexmcp_json_put_text(w, "variable_name", name);
    hexmcp_json_put_bool(w, "removed", removed);
    hexmcp_json_put_bool(w, "changed", changed);
    hexmcp_json_put_bool(w, "dry_run", dry_run);
    answer_text(&a, "%s %s %s.", name, dry_run ? "would be" : "was", removed ? "removed" : "set");
    return answer_end(&a);
}

static int32_t set(const hexmcp_round *r, struct args *args)
{
    const struct state *state = r->self;
    const char *name = read_name(args);
    bool dry_run = args_bool(args, "dry_run", false), changed = false;
    hexmcp_str value = args_raw(args, "value");
    args_text(args, "value", VALUE_MAX_BYTES, NULL);
    if (args_status(args) == HEXMCP_OK && !state->allow_set)
        args_fail(args, HEXMCP_E_DENIED,
                  "setting variables is switched off; the operator allows it with \"plugins.settings\": "
                  "{\"hexmcp.environment-manager\": {\"allow_set\": true}}");
    if (args_status(args) == HEXMCP_OK && name_is_secret(name))
        args_fail(args, HEXMCP_E_DENIED,
                  "%s looks like a secret, and secrets are not kept here; the operator configures them "
                  "with \"secrets.sources\"",
                  name);
    int32_t status = args_status(args);
    if (status == HEXMCP_OK)
        status = table_set(r, name, value, dry_run, &changed);
    return status == HEXMCP_OK ? answer_set(r, name, value.len == 0, changed, dry_run) : status;
}

static int32_t show(const hexmcp_round *r, struct args *args, enum operation operation)
{
    const struct state *state = r->self;
    struct table table;
    const char *name = operation == GET ? read_name(args) : NULL;
    struct page page = {
        .pattern = operation == PATTERN ? args_needed(args, "pattern", NAME_MAX_BYTES) : NULL,
        .offset = (size_t)args_int(args, "offset", 0, 1000000, 0),
        .limit = (size_t)args_int(args, "limit", 1, 100, 100)};
    int32_t status = args_status(args);
    if (status == HEXMCP_OK && state->allow_set)
        status = table_load(r, &table);
    if (status != HEXMCP_OK)
        return status;
    const struct table *own = state->allow_set ? &table : NULL;
    status = operation == GET ? answer_one(r, own, name) : answer_many(r, own, operations[operation], &page);
    if (state->allow_set)
        table_free(&table);
    return status;
}

static int32_t manage(const hexmcp_round *r)
{
    struct args args = args_begin(r->args, r->err);
    enum operation operation = (enum operation)args_choice(&args, "operation", operations, GET);
    int32_t status = args_status(&args);
    if (status == HEXMCP_OK)
        status = operation == SET ? set(r, &args) : show(r, &args, operation);
    args_end(&args);
    return status;
}

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config_json, hexmcp_error *err)
{
    struct state *state = self;
    hexmcp_str value;
    (void)host;
    (void)err;
    if (hexmcp_json_get(config_json, "allow_set", &value) == HEXMCP_OK)
        hexmcp_json_bool(value, &state->allow_set);
    return HEXMCP_OK;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("environment-manager", manage), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.self_size = sizeof(struct state), .init = init, .tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.environment-manager", "0.1.0", plugin);
