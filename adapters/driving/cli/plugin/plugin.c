#include <limits.h>
#include <string.h>

#include "adapters/driven/denials/denials.h"
#include "adapters/driven/plugin_host/plugin_host.h"
#include "adapters/driving/cli/app.h"
#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/places.h"
#include "adapters/driving/cli/plain.h"
#include "adapters/driving/cli/plugin/find.h"
#include "core/base/time_text.h"
#include "core/json/json.h"
#include "core/json/writer.h"
#include "core/policy/grants_text.h"

static void put_raw_or_null(struct json_writer *w, struct str key, struct str json)
{
    json_put_raw(w, key, json.len ? json : STR("null"));
}

static void put_names(struct json_writer *w, struct str key, const struct plugin_host *host,
                      size_t index, enum item_kind kind)
{
    struct item item;
    json_key(w, key);
    json_begin_array(w);
    for (uint32_t i = 0; plugin_host_item_of(host, index, kind, i, &item); i++)
        json_write_string(w, item.local_name);
    json_end_array(w);
}

/* Calls `tell` with each denied attempt of the plugin. */
static void each_denial(struct str id, void (*tell)(void *ctx, const struct denial *d), void *ctx)
{
    char path[PATH_MAX];
    struct denial_list all = {0};
    if (!places_state_file(path, sizeof(path), DENIALS_FILE))
        return;
    denials_read(path, &all);
    for (size_t i = 0; i < all.count; i++)
        if (str_eq(str_from(all.at[i].plugin), id))
            tell(ctx, &all.at[i]);
    denial_list_clear(&all);
}

static void put_denial(void *ctx, const struct denial *d)
{
    struct json_writer *w = ctx;
    char first[TIME_TEXT_SIZE], last[TIME_TEXT_SIZE];
    time_text(d->first_ms, first);
    time_text(d->last_ms, last);
    json_begin_object(w);
    json_put_string(w, STR("what"), str_from(d->what));
    json_put_i64(w, STR("count"), (int64_t)d->count);
    json_put_string(w, STR("first"), str_from(first));
    json_put_string(w, STR("last"), str_from(last));
    json_end_object(w);
}

static void write_json(struct json_writer *w, const struct plugin_host *host, size_t index,
                       const struct plugin_facts *facts)
{
    json_begin_object(w);
    json_put_string(w, STR("id"), facts->id);
    json_put_string(w, STR("version"), facts->version);
    json_put_string(w, STR("title"), facts->title);
    json_put_string(w, STR("description"), facts->description);
    json_put_string(w, STR("license"), facts->license);
    json_put_string(w, STR("place"), facts->place);
    json_put_string(w, STR("folder"), facts->folder);
    json_put_string(w, STR("origin"), str_from(plugin_origin_name(facts->origin)));
    json_put_bool(w, STR("enabled"), facts->enabled);
    json_put_string(w, STR("state"), str_from(lifecycle_name(facts->state)));
    json_put_string(w, STR("refusal"), str_from(refusal_name(facts->refusal)));
    json_put_string(w, STR("reason"), facts->reason);
    json_put_i64(w, STR("abi_major"), facts->abi_major);
    json_put_i64(w, STR("abi_minor"), facts->abi_minor);
    json_put_string(w, STR("digest"), facts->digest);
    put_raw_or_null(w, STR("provides"), facts->provides);
    put_raw_or_null(w, STR("grants"), facts->grants);
    put_raw_or_null(w, STR("granted"), facts->granted);
    put_raw_or_null(w, STR("config"), facts->config);
    put_raw_or_null(w, STR("needed"), facts->needed);
    put_names(w, STR("tools"), host, index, ITEM_TOOL);
    put_names(w, STR("resources"), host, index, ITEM_RESOURCE);
    put_names(w, STR("resourceTemplates"), host, index, ITEM_TEMPLATE);
    put_names(w, STR("prompts"), host, index, ITEM_PROMPT);
    put_raw_or_null(w, STR("hooks"), facts->hooks);
    json_key(w, STR("denied"));
    json_begin_array(w);
    each_denial(facts->id, put_denial, w);
    json_end_array(w);
    json_end_object(w);
}

static void print_buffer(struct buffer *out)
{
    buffer_add_char(out, '\n');
    fwrite(out->data, 1, out->len, stdout);
    buffer_clear(out);
}

static void list_json(const struct plugin_host *host)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    struct plugin_facts facts;
    json_begin_array(&w);
    for (size_t i = 0; plugin_host_at(host, i, &facts); i++)
        write_json(&w, host, i, &facts);
    json_end_array(&w);
    print_buffer(&out);
}

static void list_text(const struct plugin_host *host)
{
    struct plugin_facts facts;
    for (size_t i = 0; plugin_host_at(host, i, &facts); i++) {
        printf("%-28.*s %-10.*s %-12s %-10s %u tool%s\n", STR_ARG(facts.id),
               STR_ARG(facts.version), plugin_origin_name(facts.origin),
               facts.enabled ? "enabled" : "off", facts.tool_count,
               facts.tool_count == 1 ? "" : "s");
        if (facts.reason.len)
            printf("    %.*s\n", STR_ARG(facts.reason));
    }
}

static int list(struct app *app, const struct invocation *inv)
{
    if (invocation_option(inv, "json"))
        list_json(app_plugins(app));
    else
        list_text(app_plugins(app));
    return EXIT_DONE;
}

static int run_list(struct invocation *inv)
{
    return app_run(inv, list);
}

static void print_fact(const char *name, struct str value)
{
    if (!value.len)
        return;
    printf("%-12s ", name);
    plain_print(value);
    putchar('\n');
}

/* A line for each thing that they allow. */
static void print_grants(const char *name, struct str grants)
{
    struct buffer text = BUFFER_INIT;
    struct json_doc *doc;
    if (grants.len == 0 || json_parse(grants, &doc, NULL))
        return;
    grants_describe(json_root(doc), STR(""), &text);
    json_free(doc);
    for (size_t at = 0; at < text.len;) {
        const char *end = memchr(text.data + at, '\n', text.len - at);
        size_t len = (size_t)(end - text.data) - at;
        print_fact(at ? "" : name, buffer_part(&text, at, len));
        at += len + 1;
    }
    buffer_clear(&text);
}

static void print_items(const struct plugin_host *host, size_t index, enum item_kind kind,
                        const char *title)
{
    struct item item;
    for (uint32_t i = 0; plugin_host_item_of(host, index, kind, i, &item); i++) {
        printf("%-12s ", i ? "" : title);
        plain_print(item.local_name);
        printf(" (%s, at most %u ms)\n", item.run_inline ? "inline" : "worker", item.timeout_ms);
    }
}

static void print_json_text(struct json text)
{
    struct buffer decoded = BUFFER_INIT;
    json_decode(text, &decoded);
    plain_print(buffer_str(&decoded));
    buffer_clear(&decoded);
}

static void print_hooks(struct str hooks)
{
    struct json_doc *doc;
    const char *title = "hooks";
    if (json_parse(hooks, &doc, NULL))
        return;
    struct json_iter it = json_iter(json_root(doc));
    while (json_next(&it)) {
        bool gates = false;
        json_bool(json_get(it.value, STR("gates")), &gates);
        printf("%-12s ", title);
        print_json_text(json_get(it.value, STR("name")));
        printf(" at ");
        print_json_text(json_get(it.value, STR("point")));
        printf(" (%s)\n", gates ? "gates" : "observes");
        title = "";
    }
    json_free(doc);
}

static void print_denial(void *ctx, const struct denial *d)
{
    bool *first = ctx;
    char last[TIME_TEXT_SIZE];
    time_text(d->last_ms, last);
    printf("%-12s %llu times: it ", *first ? "denied" : "", (unsigned long long)d->count);
    plain_print(str_from(d->what));
    printf(", last at %s\n", last);
    *first = false;
}

static void inspect_text(const struct plugin_host *host, size_t index,
                         const struct plugin_facts *facts)
{
    print_fact("id", facts->id);
    print_fact("version", facts->version);
    print_fact("title", facts->title);
    print_fact("description", facts->description);
    print_fact("licence", facts->license);
    print_fact("homepage", facts->homepage);
    printf("%-12s %.*s/%.*s (%s)\n", "place", STR_ARG(facts->place), STR_ARG(facts->folder),
           plugin_origin_name(facts->origin));
    printf("%-12s %s, %s\n", "state", lifecycle_name(facts->state),
           facts->enabled ? "enabled" : "off");
    print_fact("reason", facts->reason);
    printf("%-12s %u.%u\n", "ABI", facts->abi_major, facts->abi_minor);
    print_fact("provides", facts->provides);
    print_grants("asks for", facts->grants);
    print_grants("gets", facts->granted);
    print_fact("digest", facts->digest);
    print_fact("needs", facts->needed);
    print_items(host, index, ITEM_TOOL, "tools");
    print_items(host, index, ITEM_RESOURCE, "resources");
    print_items(host, index, ITEM_TEMPLATE, "templates");
    print_items(host, index, ITEM_PROMPT, "prompts");
    print_hooks(facts->hooks);
    bool first = true;
    each_denial(facts->id, print_denial, &first);
}

static int inspect(struct app *app, const struct invocation *inv)
{
    const struct plugin_host *host = app_plugins(app);
    struct error err;
    struct plugin_facts facts;
    size_t index;
    if (plugin_find(host, str_from(inv->operands[0]), &index, &facts, &err))
        return report_error(&err);
    if (invocation_option(inv, "json")) {
        struct buffer out = BUFFER_INIT;
        struct json_writer w = json_writer(&out);
        write_json(&w, host, index, &facts);
        print_buffer(&out);
    } else {
        inspect_text(host, index, &facts);
    }
    return EXIT_DONE;
}

static int run_inspect(struct invocation *inv)
{
    return app_run(inv, inspect);
}

static const struct option_spec options[] = {
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct command command_plugin_list = {
    .name = "plugin list",
    .operands = "",
    .summary = "List the plugins that were found, and why one is off.",
    .options = options,
    .run = run_list,
};

const struct command command_plugin_inspect = {
    .name = "plugin inspect",
    .operands = "ID",
    .summary = "Show what is known about a plugin without running it.",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_inspect,
};
