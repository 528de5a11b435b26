/* hexmcp events webhooks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

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

/* ---- what is asked for ---- */

/* The operation that the options name, and the webhook; of several the last counts. */
static const char *choose(const struct invocation *inv, const char **name)
{
    static const char *const words[][2] = {
        {"dead", "webhook.dead"}, {"retry", "webhook.retry"}, {"drop", "webhook.drop"}};
    const char *operation = "webhook.list";
    *name = NULL;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const char *given = invocation_option(inv, words[i][0]);
        if (given) {
            *name = given;
            operation = words[i][1];
        }
    }
    return operation;
}

static int check(const struct invocation *inv, struct error *err)
{
    int given = !!invocation_option(inv, "dead") + !!invocation_option(inv, "retry") +
                !!invocation_option(inv, "drop");
    if (given > 1)
        return error_set(err, ST_INVALID, "--dead, --retry and --drop do not go together");
    if (invocation_option(inv, "position") &&
        !invocation_option(inv, "retry") && !invocation_option(inv, "drop"))
        return error_set(err, ST_INVALID, "--position goes with --retry or --drop");
    return ST_OK;
}

static int arguments_of(const struct invocation *inv, const char *name, struct buffer *out,
                        struct error *err)
{
    struct json_writer w = json_writer(out);
    const char *position = invocation_option(inv, "position");
    char *end;
    json_begin_object(&w);
    if (name)
        json_put_string(&w, STR("name"), str_from(name));
    if (position) {
        unsigned long long value = strtoull(position, &end, 10);
        if (position[0] < '0' || position[0] > '9' || *end || value > INT64_MAX)
            return error_set(err, ST_INVALID, "--position takes a whole number from 1 on, not \"%s\"",
                             position);
        json_put_i64(&w, STR("position"), (int64_t)value);
    }
    json_end_object(&w);
    return ST_OK;
}

/* ---- what is printed ---- */

static void print_webhook(struct json webhook)
{
    struct json_iter it = json_iter(json_get(webhook, STR("events")));
    print_text(json_get(webhook, STR("name")));
    printf(": ");
    print_text(json_get(webhook, STR("place")));
    printf(", %" PRId64 " dead\n", number(webhook, "dead"));
    while (json_next(&it)) {
        printf("    ");
        print_text(it.value);
        printf("\n");
    }
}

static void print_letter(struct json letter)
{
    printf("%8" PRId64 "  ", number(letter, "position"));
    print_text(json_get(letter, STR("at")));
    printf("  ");
    print_text(json_get(letter, STR("stream")));
    printf("  ");
    print_text(json_get(letter, STR("type")));
    printf("  %" PRId64 " attempts, ", number(letter, "attempts"));
    if (json_exists(json_get(letter, STR("status"))))
        printf("answered %" PRId64, number(letter, "status"));
    else
        print_text(json_get(letter, STR("error")));
    printf("\n");
}

static void print_list(struct json list, void (*print)(struct json one), const char *none)
{
    struct json_iter it = json_iter(list);
    if (json_count(list) == 0)
        printf("%s\n", none);
    while (json_next(&it))
        print(it.value);
}

static void print_moved(struct json answer, const char *key, const char *what)
{
    bool more = false;
    json_bool(json_get(answer, STR("more")), &more);
    int64_t count = number(answer, key);
    printf("%" PRId64 " dead letter%s %s.%s\n", count, count == 1 ? "" : "s", what,
           more ? " There are more: ask again." : "");
}

static void print_answer(const struct invocation *inv, struct json answer)
{
    if (invocation_option(inv, "dead"))
        print_list(json_get(answer, STR("dead")), print_letter, "No dead letters.");
    else if (invocation_option(inv, "retry"))
        print_moved(answer, "retried", "will be tried again");
    else if (invocation_option(inv, "drop"))
        print_moved(answer, "dropped", "dropped");
    else
        print_list(json_get(answer, STR("webhooks")), print_webhook, "No webhooks.");
}

static int webhooks(struct app *app, const struct invocation *inv)
{
    struct buffer arguments = BUFFER_INIT;
    struct json_doc *answer;
    const char *name, *operation = choose(inv, &name);
    struct error err;
    int rc = check(inv, &err);
    if (!rc)
        rc = arguments_of(inv, name, &arguments, &err);
    const struct operation_run run = {.name = operation, .arguments = buffer_str(&arguments)};
    if (!rc)
        rc = operation_run(app, &run, &answer, &err);
    buffer_clear(&arguments);
    if (rc)
        return report_error(&err);
    if (invocation_option(inv, "json"))
        operation_print_json(answer);
    else
        print_answer(inv, json_root(answer));
    json_free(answer);
    return EXIT_DONE;
}

static int run_webhooks(struct invocation *inv)
{
    return app_run(inv, webhooks);
}

static const struct option_spec webhooks_options[] = {
    {"dead", "NAME", "the dead letters of this webhook"},
    {"retry", "NAME", "have them delivered once more"},
    {"drop", "NAME", "give them up; the events stay in the store"},
    {"position", "POSITION", "with --retry and --drop: only the one of this event"},
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct command command_events_webhooks = {
    .name = "events webhooks",
    .operands = "",
    .summary = "Show webhooks and what they could not deliver, and have it tried again.",
    .details = "Webhooks are configured by the setting events.webhooks, and deliver while hexmcp serves.",
    .options = webhooks_options,
    .run = run_webhooks,
};
