/* The commands about sessions: each is an operation. */
#include "adapters/driving/cli/sessions/sessions.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/operation/operation.h"
#include "core/json/writer.h"

enum kind { TEXT, NUMBER, LIST, FLAG, RAW };

/* How an option becomes an argument. */
static const struct argument {
    const char *option, *member;
    enum kind kind;
} arguments[] = {
    {"title", "title", TEXT},         {"description", "description", TEXT},
    {"agent", "agent", TEXT},         {"tag", "tags", LIST},
    {"add", "add", LIST},             {"remove", "remove", LIST},
    {"role", "role", TEXT},           {"status", "status", TEXT},
    {"reason", "reason", TEXT},       {"query", "query", TEXT},
    {"with-tag", "tag", TEXT},        {"sort", "sort", TEXT},
    {"limit", "limit", NUMBER},       {"offset", "offset", NUMBER},
    {"version", "version", NUMBER},   {"at-ms", "atMs", NUMBER},
    {"after", "after", NUMBER},       {"backward", "backward", FLAG},
    {"from", "from", NUMBER},         {"to", "to", NUMBER},
    {"from-day", "from", TEXT},       {"to-day", "to", TEXT},
    {"model", "model", TEXT},         {"in", "id", TEXT},
    {"mode", "mode", TEXT},           {"changes", "changes", RAW},
    {"ignore", "ignore", LIST},       {"timeout-ms", "timeoutMs", NUMBER},
};

/* What a command does with its operands. */
static const struct verb {
    const struct command *command;
    const char *operation;
    const char *operands[2]; /* members */
    void (*print)(struct json answer); /* NULL: the answer as JSON */
} verbs[] = {
    {&command_sessions, "session.list", {NULL}, sessions_print_list},
    {&command_sessions_show, "session.get", {"id"}, NULL},
    {&command_sessions_create, "session.create", {NULL}, NULL},
    {&command_sessions_send, "session.send", {"id", "text"}, NULL},
    {&command_sessions_history, "session.history", {"id"}, sessions_print_history},
    {&command_sessions_fork, "session.fork", {"id"}, NULL},
    {&command_sessions_tag, "session.tag", {"id"}, NULL},
    {&command_sessions_rename, "session.rename", {"id", "title"}, NULL},
    {&command_sessions_search, "session.search", {"text"}, sessions_print_hits},
    {&command_sessions_suspend, "session.suspend", {"id"}, NULL},
    {&command_sessions_resume, "session.resume", {"id"}, NULL},
    {&command_sessions_close, "session.close", {"id"}, NULL},
    {&command_sessions_erase, "session.erase", {"id"}, NULL},
    {&command_sessions_replay, "session.replay", {"id"}, NULL},
    {&command_sessions_diff, "session.diff", {"id"}, NULL},
    {&command_sessions_usage, "session.usage", {NULL}, NULL},
    {&command_sessions_tools, "session.tools", {NULL}, NULL},
};

static const struct verb *verb_of(const struct command *command)
{
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (verbs[i].command == command)
            return &verbs[i];
    return NULL;
}

/* ---- arguments ---- */

static int put_number(struct json_writer *w, const char *option, const char *value,
                      struct error *err)
{
    char *end;
    long long number = strtoll(value, &end, 10);
    if (!*value || *end || number < 0)
        return error_set(err, ST_INVALID, "--%s %s: expected a whole number", option, value);
    json_write_i64(w, number);
    return ST_OK;
}

static int put_raw(struct json_writer *w, const char *option, const char *value, struct error *err)
{
    struct json_doc *doc;
    int rc = json_parse(str_from(value), &doc, err);
    if (rc)
        return error_prefix(err, "--%s: ", option);
    json_write_raw(w, str_from(value));
    json_free(doc);
    return ST_OK;
}

static void put_list(struct json_writer *w, const struct invocation *inv, const char *option)
{
    json_begin_array(w);
    for (int i = 0; i < inv->given_count; i++)
        if (strcmp(inv->given[i].name, option) == 0)
            json_write_string(w, str_from(inv->given[i].value));
    json_end_array(w);
}

static int put_option(struct json_writer *w, const struct invocation *inv,
                      const struct argument *argument, struct error *err)
{
    const char *value = invocation_option(inv, argument->option);
    json_key(w, str_from(argument->member));
    switch (argument->kind) {
    case NUMBER:
        return put_number(w, argument->option, value, err);
    case RAW:
        return put_raw(w, argument->option, value, err);
    case LIST:
        put_list(w, inv, argument->option);
        return ST_OK;
    case FLAG:
        json_write_bool(w, true);
        return ST_OK;
    default:
        json_write_string(w, str_from(value));
        return ST_OK;
    }
}

static int put_arguments(struct buffer *out, const struct invocation *inv, const struct verb *verb,
                         struct error *err)
{
    struct json_writer w = json_writer(out);
    int rc = ST_OK;
    json_begin_object(&w);
    for (int i = 0; i < 2 && i < inv->operand_count; i++)
        json_put_string(&w, str_from(verb->operands[i]), str_from(inv->operands[i]));
    for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]) && !rc; i++)
        if (invocation_option(inv, arguments[i].option))
            rc = put_option(&w, inv, &arguments[i], err);
    json_end_object(&w);
    return rc;
}

/* ---- running ---- */

static void print(const struct verb *verb, const struct invocation *inv,
                  const struct json_doc *answer)
{
    if (verb->print && !invocation_option(inv, "json"))
        verb->print(json_root(answer));
    else
        operation_print_json(answer);
}

/* A replay that finds something else is no success. */
static int exit_of(const struct json_doc *answer)
{
    int64_t different = 0, failed = 0;
    json_int64(json_get(json_root(answer), STR("different")), &different);
    json_int64(json_get(json_root(answer), STR("failed")), &failed);
    return different || failed ? EXIT_TOOL_FAILED : EXIT_DONE;
}

static int work(struct app *app, const struct invocation *inv)
{
    const struct verb *verb = verb_of(inv->command);
    struct buffer text = BUFFER_INIT;
    struct json_doc *answer;
    struct error err;
    int code = EXIT_DONE;
    int rc = put_arguments(&text, inv, verb, &err);
    if (!rc) {
        const struct operation_run run = {.name = verb->operation, .arguments = buffer_str(&text)};
        rc = operation_run(app, &run, &answer, &err);
    }
    buffer_clear(&text);
    if (rc)
        return report_error(&err);
    print(verb, inv, answer);
    if (verb->command == &command_sessions_replay)
        code = exit_of(answer);
    json_free(answer);
    return code;
}

static int run(struct invocation *inv)
{
    return app_run(inv, work);
}

static int run_export(struct invocation *inv)
{
    return app_run(inv, sessions_export);
}

static int run_import(struct invocation *inv)
{
    return app_run(inv, sessions_import);
}

/* ---- the commands ---- */

#define JSON_OPTION {"json", NULL, "print the answer as JSON"}
#define END {NULL, NULL, NULL}

static const struct option_spec plain[] = {JSON_OPTION, END};

static const struct option_spec list_options[] = {
    {"query", "TEXT", "those with TEXT in title, description or id"},
    {"status", "STATUS", "active, suspended, completed, failed or archived"},
    {"with-tag", "TAG", "those with this tag"},
    {"agent", "NAME", "those of this agent"},
    {"sort", "ORDER", "activity (default), created or title"},
    {"limit", "N", "at most N, 1 to 200 (default: 50)"},
    {"offset", "N", "without the first N"},
    JSON_OPTION,
    END,
};

const struct command command_sessions = {
    .name = "sessions",
    .operands = "",
    .summary = "List sessions, the last used first.",
    .details = "A session is a conversation and what was done in it. Calls of tools are recorded in one\n"
               "when their request names it in _meta (\"io.hexmcp/session\"), see docs/sessions.md.",
    .options = list_options,
    .lists = true,
    .run = run,
};

const struct command command_sessions_show = {
    .name = "sessions show",
    .operands = "SESSION",
    .summary = "Show one session: status, counts, tokens and cost.",
    .options = plain,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};

static const struct option_spec create_options[] = {
    {"title", "TEXT", "its title"},
    {"description", "TEXT", "what it is about"},
    {"agent", "NAME", "the agent that works in it"},
    {"tag", "TAG", "a tag; may be repeated"},
    JSON_OPTION,
    END,
};

const struct command command_sessions_create = {
    .name = "sessions create",
    .operands = "",
    .summary = "Begin a session and print its id.",
    .options = create_options,
    .run = run,
};

static const struct option_spec send_options[] = {
    {"role", "ROLE", "user (default), assistant, system, tool or operator"}, JSON_OPTION, END};

const struct command command_sessions_send = {
    .name = "sessions send",
    .operands = "SESSION TEXT",
    .summary = "Add a message to a session.",
    .options = send_options,
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};

static const struct option_spec history_options[] = {
    {"version", "N", "as it was at version N"},
    {"at-ms", "MS", "as it was then, in milliseconds since 1970"},
    {"after", "N", "only what follows version N"},
    {"backward", NULL, "the newest first"},
    {"limit", "N", "at most N, 1 to 500 (default: 100)"},
    JSON_OPTION,
    END,
};

const struct command command_sessions_history = {
    .name = "sessions history",
    .operands = "SESSION",
    .summary = "Print messages, responses and calls of a session, also as of a version or time.",
    .options = history_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};

static const struct option_spec fork_options[] = {
    {"version", "N", "its events up to version N"},
    {"at-ms", "MS", "its events until then, in milliseconds since 1970"},
    {"title", "TEXT", "title of the fork"},
    JSON_OPTION,
    END,
};

const struct command command_sessions_fork = {
    .name = "sessions fork",
    .operands = "SESSION",
    .summary = "Begin a session with the events of another.",
    .options = fork_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};

static const struct option_spec tag_options[] = {
    {"add", "TAG", "add this tag; may be repeated"},
    {"remove", "TAG", "remove this tag; may be repeated"},
    JSON_OPTION,
    END,
};

const struct command command_sessions_tag = {
    .name = "sessions tag",
    .operands = "SESSION",
    .summary = "Add and remove tags of a session.",
    .options = tag_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};

const struct command command_sessions_rename = {
    .name = "sessions rename",
    .operands = "SESSION TITLE",
    .summary = "Give a session another title.",
    .options = plain,
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};

static const struct option_spec search_options[] = {
    {"in", "SESSION", "in this session alone"},
    {"limit", "N", "at most N, 1 to 100 (default: 20)"},
    JSON_OPTION,
    END,
};

const struct command command_sessions_search = {
    .name = "sessions search",
    .operands = "TEXT",
    .summary = "Find messages, responses and results of tools by their words.",
    .options = search_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};

static const struct option_spec reason_options[] = {
    {"reason", "TEXT", "why, for who looks at it later"}, JSON_OPTION, END};

const struct command command_sessions_suspend = {
    .name = "sessions suspend",
    .operands = "SESSION",
    .summary = "Let nothing be added to a session until it is resumed.",
    .options = reason_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};

const struct command command_sessions_resume = {
    .name = "sessions resume",
    .operands = "SESSION",
    .summary = "Go on with a suspended session.",
    .options = plain,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};

static const struct option_spec close_options[] = {
    {"status", "STATUS", "completed (default), failed or archived"},
    {"reason", "TEXT", "why, for who looks at it later"},
    JSON_OPTION,
    END,
};

const struct command command_sessions_close = {
    .name = "sessions close",
    .operands = "SESSION",
    .summary = "End a session; only a fork can go on.",
    .options = close_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};

const struct command command_sessions_erase = {
    .name = "sessions erase",
    .operands = "SESSION",
    .summary = "Erase a session: nobody can read it any more.",
    .options = reason_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};

static const struct option_spec replay_options[] = {
    {"mode", "MODE", "exact (default), live, modified or simulate"},
    {"version", "N", "the calls up to version N"},
    {"changes", "JSON", "modified: [{\"call\": N, \"path\": \"/a/b\", \"value\": ...}...]"},
    {"ignore", "NAME", "do not compare members of this name; may be repeated"},
    {"timeout-ms", "MS", "how long one call may take (default: 30000)"},
    JSON_OPTION,
    END,
};

const struct command command_sessions_replay = {
    .name = "sessions replay",
    .operands = "SESSION",
    .summary = "Give the results of a session's calls again, or make the calls again and compare.",
    .details = "exact: the recorded results, to the byte. live: each call again; what differs is named,\n"
               "with path, kind and severity. modified: the same with changed arguments. simulate: only\n"
               "tools that change nothing. The exit code is 1 if something differs.",
    .options = replay_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};

static const struct option_spec diff_options[] = {
    {"from", "N", "the earlier version"}, {"to", "N", "the later version"}, JSON_OPTION, END};

const struct command command_sessions_diff = {
    .name = "sessions diff",
    .operands = "SESSION",
    .summary = "Show what changed from one version of a session to another.",
    .options = diff_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};

static const struct option_spec usage_options[] = {
    {"from-day", "DATE", "from this day on, YYYY-MM-DD"},
    {"to-day", "DATE", "up to this day"},
    {"agent", "NAME", "of this agent alone"},
    {"model", "NAME", "of this model alone"},
    JSON_OPTION,
    END,
};

const struct command command_sessions_usage = {
    .name = "sessions usage",
    .operands = "",
    .summary = "Sum up responses, tokens and cost by day, agent and model.",
    .options = usage_options,
    .run = run,
};

const struct command command_sessions_tools = {
    .name = "sessions tools",
    .operands = "",
    .summary = "Sum up recorded calls by tool: failures and times.",
    .options = plain,
    .run = run,
};

static const struct option_spec export_options[] = {
    {"without-artifacts", NULL, "leave out the artifacts that it refers to"},
    JSON_OPTION,
    END,
};

const struct command command_sessions_export = {
    .name = "sessions export",
    .operands = "SESSION FILE",
    .summary = "Write a session into one file.",
    .options = export_options,
    .min_operands = 2,
    .max_operands = 2,
    .run = run_export,
};

const struct command command_sessions_import = {
    .name = "sessions import",
    .operands = "FILE",
    .summary = "Make a session of a file; a damaged one changes nothing.",
    .options = plain,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_import,
};
