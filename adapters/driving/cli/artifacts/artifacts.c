/* The commands about artifacts: each is an operation. */
#include "adapters/driving/cli/artifacts/artifacts.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/driving/cli/plain.h"
#include "core/digest/blake3.h"

int artifacts_run(struct app *app, const struct invocation *inv, const char *operation,
                  struct str arguments, void (*print)(struct json answer))
{
    struct json_doc *answer;
    struct error err;
    const struct operation_run run = {.name = operation, .arguments = arguments};
    if (operation_run(app, &run, &answer, &err))
        return report_error(&err);
    if (print && !invocation_option(inv, "json"))
        print(json_root(answer));
    else
        operation_print_json(answer);
    json_free(answer);
    return EXIT_DONE;
}

void artifacts_text(struct json_writer *w, const struct invocation *inv, const char *option,
                    const char *member)
{
    const char *value = invocation_option(inv, option);
    if (value)
        json_put_string(w, str_from(member), str_from(value));
}

int artifacts_number(struct json_writer *w, const struct invocation *inv, const char *option,
                     const char *member, struct error *err)
{
    const char *value = invocation_option(inv, option);
    char *end;
    if (!value)
        return ST_OK;
    long long number = strtoll(value, &end, 10);
    if (!*value || *end || number < 0)
        return error_set(err, ST_INVALID, "--%s %s: expected a whole number", option, value);
    json_put_i64(w, str_from(member), number);
    return ST_OK;
}

void artifacts_list_of(struct json_writer *w, const struct invocation *inv, const char *option,
                       const char *member)
{
    if (!invocation_option(inv, option))
        return;
    json_key(w, str_from(member));
    json_begin_array(w);
    for (int i = 0; i < inv->given_count; i++)
        if (strcmp(inv->given[i].name, option) == 0)
            json_write_string(w, str_from(inv->given[i].value));
    json_end_array(w);
}

void artifacts_target(struct json_writer *w, const struct invocation *inv)
{
    struct str which = str_from(inv->operands[0]);
    json_put_string(w, blake3_parse(which, NULL) ? STR("id") : STR("name"), which);
    artifacts_text(w, inv, "session", "session");
}

static struct str text_of(struct json v, const char *name)
{
    struct str text = {"", 0};
    json_plain(json_get(v, str_from(name)), &text);
    return text;
}

static void print_list(struct json answer)
{
    for (struct json_iter it = json_iter(json_get(answer, STR("artifacts"))); json_next(&it);) {
        struct buffer name = BUFFER_INIT;
        int64_t size = 0;
        json_int64(json_get(it.value, STR("size")), &size);
        json_decode(json_get(it.value, STR("name")), &name);
        printf("%.*s  %10lld  %.19s  ", STR_ARG(text_of(it.value, "id")), (long long)size,
               text_of(it.value, "createdAt").ptr);
        plain_put_line(stdout, buffer_str(&name), 0);
        putchar('\n');
        buffer_clear(&name);
    }
}

static int with_arguments(struct app *app, const struct invocation *inv, const char *operation,
                          int (*put)(struct json_writer *w, const struct invocation *inv,
                                     struct error *err),
                          void (*print)(struct json answer))
{
    struct buffer arguments = BUFFER_INIT;
    struct json_writer w = json_writer(&arguments);
    struct error err;
    int code;
    json_begin_object(&w);
    int rc = put(&w, inv, &err);
    json_end_object(&w);
    if (!rc && buffer_failed(&arguments))
        rc = error_set(&err, ST_NOMEM, "out of memory");
    code = rc ? report_error(&err)
              : artifacts_run(app, inv, operation, buffer_str(&arguments), print);
    buffer_clear(&arguments);
    return code;
}

static int put_filters(struct json_writer *w, const struct invocation *inv, struct error *err)
{
    artifacts_text(w, inv, "name", "name");
    artifacts_text(w, inv, "text", "text");
    artifacts_text(w, inv, "kind", "kind");
    artifacts_text(w, inv, "session", "session");
    artifacts_text(w, inv, "from", "from");
    artifacts_text(w, inv, "to", "to");
    artifacts_text(w, inv, "after", "after");
    artifacts_list_of(w, inv, "tag", "tags");
    return artifacts_number(w, inv, "limit", "limit", err);
}

static int list(struct app *app, const struct invocation *inv)
{
    return with_arguments(app, inv, "artifact.search", put_filters, print_list);
}

static int put_which(struct json_writer *w, const struct invocation *inv, struct error *err)
{
    artifacts_target(w, inv);
    return artifacts_number(w, inv, "version", "version", err);
}

static int show(struct app *app, const struct invocation *inv)
{
    return with_arguments(app, inv, "artifact.stat", put_which, NULL);
}

static int put_tags(struct json_writer *w, const struct invocation *inv, struct error *err)
{
    artifacts_list_of(w, inv, "add", "add");
    artifacts_list_of(w, inv, "remove", "remove");
    return put_which(w, inv, err);
}

static int tag(struct app *app, const struct invocation *inv)
{
    return with_arguments(app, inv, "artifact.tag", put_tags, NULL);
}

static int put_removed(struct json_writer *w, const struct invocation *inv, struct error *err)
{
    if (inv->operand_count)
        json_put_string(w, STR("id"), str_from(inv->operands[0]));
    artifacts_text(w, inv, "session", "session");
    return inv->operand_count || invocation_option(inv, "session")
               ? ST_OK
               : error_set(err, ST_INVALID, "give the id of an artifact, or --session");
}

static int remove_some(struct app *app, const struct invocation *inv)
{
    return with_arguments(app, inv, "artifact.remove", put_removed, NULL);
}

static int put_dry(struct json_writer *w, const struct invocation *inv, struct error *err)
{
    (void)err;
    if (invocation_option(inv, "dry-run"))
        json_put_bool(w, STR("dryRun"), true);
    return ST_OK;
}

static int collect(struct app *app, const struct invocation *inv)
{
    return with_arguments(app, inv, "artifact.gc", put_dry, NULL);
}

static int put_session(struct json_writer *w, const struct invocation *inv, struct error *err)
{
    (void)err;
    artifacts_text(w, inv, "session", "session");
    return ST_OK;
}

static int usage(struct app *app, const struct invocation *inv)
{
    return with_arguments(app, inv, "artifact.usage", put_session, NULL);
}

#define RUN(work)                                                                                  \
    static int run_##work(struct invocation *inv)                                                  \
    {                                                                                              \
        return app_run(inv, work);                                                                 \
    }

RUN(list)
RUN(show)
RUN(tag)
RUN(remove_some)
RUN(collect)
RUN(usage)

static const struct option_spec list_options[] = {
    {"text", "WORD", "only those with this in their name"},
    {"name", "NAME", "only the versions of this name"},
    {"kind", "KIND", "agent_output, tool_result, user_input, system_generated or custom"},
    {"tag", "TAG", "only those with this tag; may be given more than once"},
    {"session", "ID", "only those of this session"},
    {"from", "TIME", "only those made then or later, e.g. 2026-11-21T10:00"},
    {"to", "TIME", "only those made before"},
    {"limit", "N", "how many at most (50)"},
    {"after", "CURSOR", "go on behind `next` of the answer before"},
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct option_spec artifacts_which[] = {
    {"session", "ID", "the one of this session"},
    {"version", "N", "this version of the name"},
    {NULL, NULL, NULL},
};

static const struct option_spec tag_options[] = {
    {"add", "TAG", "a tag to add; may be given more than once"},
    {"remove", "TAG", "a tag to remove; may be given more than once"},
    {"session", "ID", "the one of this session"},
    {"version", "N", "this version of the name"},
    {NULL, NULL, NULL},
};

static const struct option_spec session_options[] = {
    {"session", "ID", "all of this session"},
    {NULL, NULL, NULL},
};

static const struct option_spec gc_options[] = {
    {"dry-run", NULL, "only tell what would go"},
    {NULL, NULL, NULL},
};

const struct command command_artifacts = {
    .name = "artifacts",
    .operands = "",
    .summary = "list artifacts",
    .details = "Lists what tools and sessions have stored, the newest first.\n",
    .options = list_options,
    .lists = true,
    .run = run_list,
};

const struct command command_artifacts_show = {
    .name = "artifacts show",
    .operands = "ID|NAME",
    .summary = "show an artifact's record",
    .options = artifacts_which,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_show,
};

const struct command command_artifacts_tag = {
    .name = "artifacts tag",
    .operands = "ID|NAME",
    .summary = "add and remove tags of an artifact",
    .options = tag_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_tag,
};

const struct command command_artifacts_remove = {
    .name = "artifacts remove",
    .operands = "[ID]",
    .summary = "remove an artifact, or all of a session",
    .details = "What somebody holds stays. The bytes go with the next `artifacts gc`.\n",
    .options = session_options,
    .max_operands = 1,
    .run = run_remove_some,
};

const struct command command_artifacts_gc = {
    .name = "artifacts gc",
    .operands = "",
    .summary = "remove stored bytes that no artifact needs",
    .options = gc_options,
    .run = run_collect,
};

const struct command command_artifacts_usage = {
    .name = "artifacts usage",
    .operands = "",
    .summary = "show what artifacts use, and the limits",
    .options = session_options,
    .run = run_usage,
};
