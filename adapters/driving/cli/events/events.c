/* hexmcp events list, tail, stats and rebuild. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/driving/cli/app.h"
#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/operation/operation.h"
#include "adapters/driving/cli/plain.h"
#include "core/json/writer.h"

static void print_text(struct json text)
{
    struct buffer decoded = BUFFER_INIT;
    json_decode(text, &decoded);
    plain_print(buffer_str(&decoded));
    buffer_clear(&decoded);
}

static int64_t number(struct json v, const char *key)
{
    int64_t value = 0;
    json_int64(json_get(v, str_from(key)), &value);
    return value;
}

/* ---- arguments ------------------------------------------------------------------------------ */

static int put_number(struct json_writer *w, const struct invocation *inv, const char *name,
                      struct error *err)
{
    const char *text = invocation_option(inv, name);
    char *end;
    if (!text)
        return ST_OK;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || value > INT64_MAX)
        return error_set(err, ST_INVALID, "--%s takes a whole number from 0 on, not \"%s\"", name,
                         text);
    json_key(w, str_from(name));
    json_write_u64(w, value);
    return ST_OK;
}

static void put_types(struct json_writer *w, const struct invocation *inv)
{
    bool any = false;
    for (int i = 0; i < inv->given_count; i++) {
        if (strcmp(inv->given[i].name, "type") != 0)
            continue;
        if (!any) {
            json_key(w, STR("types"));
            json_begin_array(w);
        }
        any = true;
        json_write_string(w, str_from(inv->given[i].value));
    }
    if (any)
        json_end_array(w);
}

static int arguments_of(const struct invocation *inv, struct buffer *out, struct error *err)
{
    struct json_writer w = json_writer(out);
    const char *stream = invocation_option(inv, "stream");
    json_begin_object(&w);
    if (stream)
        json_put_string(&w, STR("stream"), str_from(stream));
    int rc = put_number(&w, inv, "after", err);
    if (!rc)
        rc = put_number(&w, inv, "limit", err);
    put_types(&w, inv);
    if (invocation_option(inv, "raw"))
        json_put_bool(&w, STR("raw"), true);
    json_end_object(&w);
    return rc;
}

/* ---- events --------------------------------------------------------------------------------- */

static void print_event(struct json event)
{
    printf("%8" PRId64 "  ", number(event, "position"));
    print_text(json_get(event, STR("at")));
    printf("  ");
    print_text(json_get(event, STR("stream")));
    printf(" %" PRId64 "  ", number(event, "version"));
    print_text(json_get(event, STR("type")));
    printf("  (");
    print_text(json_get(event, STR("caller")));
    printf(")\n");
}

static void print_events(struct json answer)
{
    struct json events = json_get(answer, STR("events"));
    struct json_iter it = json_iter(events);
    bool more = false;
    if (json_count(events) == 0)
        printf("No events.\n");
    while (json_next(&it))
        print_event(it.value);
    json_bool(json_get(answer, STR("more")), &more);
    if (more && json_exists(json_get(answer, STR("position"))))
        printf("More with --after %" PRId64 ".\n", number(answer, "position"));
}

static int refuse(const struct invocation *inv, const char *name, struct error *err)
{
    if (!invocation_option(inv, "stream") || !invocation_option(inv, name))
        return ST_OK;
    return error_set(err, ST_INVALID, "--%s does not go with --stream", name);
}

static int list(struct app *app, const struct invocation *inv)
{
    struct buffer arguments = BUFFER_INIT;
    struct json_doc *answer;
    struct error err;
    int rc = refuse(inv, "after", &err);
    if (!rc)
        rc = refuse(inv, "type", &err);
    if (!rc)
        rc = arguments_of(inv, &arguments, &err);
    const struct operation_run run = {
        .name = invocation_option(inv, "stream") ? "event.read" : "event.list",
        .arguments = buffer_str(&arguments)};
    if (!rc)
        rc = operation_run(app, &run, &answer, &err);
    buffer_clear(&arguments);
    if (rc)
        return report_error(&err);
    if (invocation_option(inv, "json"))
        operation_print_json(answer);
    else
        print_events(json_root(answer));
    json_free(answer);
    return EXIT_DONE;
}

static void tail_piece(void *arg, struct str json, struct str bytes)
{
    const struct invocation *inv = arg;
    struct json_doc *doc;
    (void)bytes;
    if (invocation_option(inv, "json")) {
        printf("%.*s\n", (int)json.len, json.ptr);
    } else if (json_parse(json, &doc, NULL) == ST_OK) {
        print_event(json_root(doc));
        json_free(doc);
    }
    /* Who reads has gone: nothing else ends it, and nothing here needs an orderly end. */
    if (fflush(stdout))
        _exit(EXIT_DONE);
}

static int tail(struct app *app, const struct invocation *inv)
{
    struct buffer arguments = BUFFER_INIT;
    struct json_doc *answer;
    struct error err;
    int rc = arguments_of(inv, &arguments, &err);
    const struct operation_run run = {.name = "event.tail",
                                      .arguments = buffer_str(&arguments),
                                      .piece = tail_piece,
                                      .arg = (void *)(uintptr_t)inv};
    if (!rc)
        rc = operation_run(app, &run, &answer, &err);
    buffer_clear(&arguments);
    if (rc)
        return report_error(&err);
    json_free(answer);
    return EXIT_DONE;
}

/* ---- projections ---------------------------------------------------------------------------- */

static void print_projection(struct json p)
{
    print_text(json_get(p, STR("name")));
    printf(" (version %" PRId64 "): ", number(p, "version"));
    print_text(json_get(p, STR("state")));
    printf(", at position %" PRId64 " of %" PRId64, number(p, "position"), number(p, "head"));
    if (number(p, "served") != number(p, "version"))
        printf(", serves version %" PRId64, number(p, "served"));
    printf("\n");
    if (json_exists(json_get(p, STR("error")))) {
        printf("    ");
        print_text(json_get(p, STR("error")));
        printf("\n");
    }
}

static int stats(struct app *app, const struct invocation *inv)
{
    const struct operation_run run = {.name = "projection.list"};
    struct json_doc *answer;
    struct error err;
    if (operation_run(app, &run, &answer, &err))
        return report_error(&err);
    struct json projections = json_get(json_root(answer), STR("projections"));
    struct json_iter it = json_iter(projections);
    if (invocation_option(inv, "json"))
        operation_print_json(answer);
    else if (json_count(projections) == 0)
        printf("No projections.\n");
    else
        while (json_next(&it))
            print_projection(it.value);
    json_free(answer);
    return EXIT_DONE;
}

static int rebuild(struct app *app, const struct invocation *inv)
{
    struct buffer arguments = BUFFER_INIT;
    struct json_writer w = json_writer(&arguments);
    struct json_doc *answer;
    struct error err;
    json_begin_object(&w);
    json_put_string(&w, STR("name"), str_from(inv->operands[0]));
    json_end_object(&w);
    const struct operation_run run = {.name = "projection.rebuild",
                                      .arguments = buffer_str(&arguments)};
    int rc = buffer_failed(&arguments) ? error_set(&err, ST_NOMEM, "out of memory")
                                       : operation_run(app, &run, &answer, &err);
    buffer_clear(&arguments);
    if (rc)
        return report_error(&err);
    if (invocation_option(inv, "json"))
        operation_print_json(answer);
    else
        printf("%s was built again from the first event.\n", inv->operands[0]);
    json_free(answer);
    return EXIT_DONE;
}

/* ---- the commands --------------------------------------------------------------------------- */

static int run_list(struct invocation *inv)
{
    return app_run(inv, list);
}

static int run_tail(struct invocation *inv)
{
    return app_run(inv, tail);
}

static int run_stats(struct invocation *inv)
{
    return app_run(inv, stats);
}

static int run_rebuild(struct invocation *inv)
{
    return app_run(inv, rebuild);
}

static const struct option_spec list_options[] = {
    {"after", "POSITION", "only events behind this position"},
    {"type", "TYPE", "only events of this type; may be repeated"},
    {"stream", "STREAM", "the events of one stream, such as session/ID"},
    {"limit", "N", "at most so many, 1 to 1000; 100 without it"},
    {"raw", NULL, "as they were written, also those of a newer hexmcp"},
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

static const struct option_spec tail_options[] = {
    {"after", "POSITION", "first those behind this position; without it only what comes"},
    {"type", "TYPE", "only events of this type; may be repeated"},
    {"raw", NULL, "as they were written, also those of a newer hexmcp"},
    {"json", NULL, "print JSON, one event a line"},
    {NULL, NULL, NULL},
};

static const struct option_spec stats_options[] = {
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct command command_events_list = {
    .name = "events list",
    .operands = "",
    .summary = "List what has happened, as the store has it.",
    .details = "Each line is an event: its position, its time, its stream and version in it, its type, "
               "and who caused it.",
    .options = list_options,
    .run = run_list,
};

const struct command command_events_tail = {
    .name = "events tail",
    .operands = "",
    .summary = "Show events as they happen, in all processes that use the store.",
    .details = "Until Ctrl-C.",
    .options = tail_options,
    .run = run_tail,
};

const struct command command_events_stats = {
    .name = "events stats",
    .operands = "",
    .summary = "Show the read models that are built from events, and how far each is.",
    .options = stats_options,
    .run = run_stats,
};

const struct command command_events_rebuild = {
    .name = "events rebuild",
    .operands = "PROJECTION",
    .summary = "Build a read model again from the first event.",
    .details = "What reads it is served from the old rows until the new ones take their place, here and in "
               "all processes that use the store. \"hexmcp events stats\" names the read models.",
    .options = stats_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_rebuild,
};
