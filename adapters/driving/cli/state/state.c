/* The commands about state: each executes one operation. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/operation/operation.h"
#include "adapters/driving/cli/plain.h"
#include "core/json/writer.h"

#define TEXT_MAX ((size_t)16 << 20)
#define KEY_WIDTH 40

enum kind { TEXT, NUMBER, JSON, YES, NO };

/* How an option becomes an argument of the operation. */
static const struct argument {
    const char *option, *member;
    enum kind kind;
} arguments[] = {
    {"scope", "scope", TEXT},
    {"kind", "kind", TEXT},
    {"id", "id", TEXT},
    {"class", "class", TEXT},
    {"schema", "schema", NUMBER},
    {"ttl-ms", "ttlMs", NUMBER},
    {"if-version", "ifVersion", NUMBER},
    {"prefix", "prefix", TEXT},
    {"after", "after", TEXT},
    {"limit", "limit", NUMBER},
    {"values", "values", YES},
    {"ephemeral", "ephemeral", YES},
    {"pointer", "pointer", TEXT},
    {"equals", "equals", JSON},
    {"to", "to", NUMBER},
    {"dry-run", "dryRun", YES},
    {"no-backup", "backup", NO},
    {"batch", "batch", NUMBER},
    {"validation", "validation", TEXT},
    {"keep-going", "rollbackOnError", NO},
    {"timeout-ms", "timeoutMs", NUMBER},
};

/* A text with a sign that it is JSON, as one value. */
static int put_json(struct json_writer *w, const char *what, struct str text, struct error *err)
{
    struct json_doc *doc;
    int rc = json_parse(text, &doc, err);
    if (rc)
        return error_prefix(err, "%s is no JSON (a text needs quotes of its own): ", what);
    json_write_raw(w, json_text(json_root(doc)));
    json_free(doc);
    return ST_OK;
}

static int put_option(struct json_writer *w, const struct argument *a, const char *value,
                      struct error *err)
{
    char what[40];
    snprintf(what, sizeof(what), "--%s", a->option);
    json_key(w, str_from(a->member));
    switch (a->kind) {
    case TEXT:
        json_write_string(w, str_from(value));
        return ST_OK;
    case YES:
    case NO:
        json_write_bool(w, a->kind == YES);
        return ST_OK;
    case NUMBER:
        if (!*value || strspn(value, "0123456789") != strlen(value) || strlen(value) > 18)
            return error_set(err, ST_INVALID, "%s must be a number, and is \"%s\"", what, value);
        return put_json(w, what, str_from(value), err);
    default:
        return put_json(w, what, str_from(value), err);
    }
}

static int put_options(const struct invocation *inv, struct json_writer *w, struct error *err)
{
    int rc = ST_OK;
    for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]) && !rc; i++) {
        const char *value = invocation_option(inv, arguments[i].option);
        if (value)
            rc = put_option(w, &arguments[i], value, err);
    }
    return rc;
}

/* A file, or standard input for "-". */
static int read_file(const char *path, struct buffer *out, struct error *err)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    if (!file)
        return error_set(err, errno == ENOENT ? ST_NOT_FOUND : ST_DENIED, "%s: %s", path,
                         strerror(errno));
    size_t got = 1;
    while (got && out->len <= TEXT_MAX && buffer_reserve(out, 65536)) {
        got = fread(out->data + out->len, 1, 65536, file);
        out->len += got;
    }
    bool broken = ferror(file);
    if (file != stdin)
        fclose(file);
    if (buffer_failed(out))
        return error_set(err, ST_NOMEM, "out of memory");
    if (broken)
        return error_set(err, ST_UNAVAILABLE, "%s cannot be read", path);
    return out->len > TEXT_MAX ? error_set(err, ST_TOO_LARGE, "%s is longer than %zu bytes", path,
                                           TEXT_MAX)
                               : ST_OK;
}

static int put_file(struct json_writer *w, const char *member, const char *path, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    int rc = read_file(path, &text, err);
    json_key(w, str_from(member));
    if (!rc)
        rc = put_json(w, path, buffer_str(&text), err);
    buffer_clear(&text);
    return rc;
}

/* What the operands of a command are, in their order: members; "=" behind a name: JSON, or "-" for standard
 * input; "@": a file of JSON. */
static const struct verb {
    const char *command, *operation, *first, *second;
} verbs[] = {
    {"state list", "state.list", NULL, NULL},
    {"state get", "state.get", "key", NULL},
    {"state set", "state.set", "key", "value="},
    {"state delete", "state.delete", "key", NULL},
    {"state search", "state.search", "pattern", NULL},
    {"state clear", "state.clear", NULL, NULL},
    {"state quota", "state.quota", NULL, NULL},
    {"state migrate", "state.migrate", "migrations@", NULL},
    {"state rollback", "state.rollback", "run", NULL},
    {"state commit", "state.commit", "run", NULL},
    {"state rotate", "state.rotate", NULL, NULL},
};

static const struct verb *verb_of(const struct invocation *inv)
{
    const struct verb *verb = verbs;
    while (strcmp(verb->command, inv->command->name) != 0)
        verb++;
    return verb;
}

static int put_operand(struct json_writer *w, const char *member, const char *value,
                       struct error *err)
{
    char name[32];
    size_t len = strlen(member);
    snprintf(name, sizeof(name), "%s", member);
    if (member[len - 1] == '=' || member[len - 1] == '@')
        name[len - 1] = '\0';
    if (member[len - 1] == '@' || (member[len - 1] == '=' && strcmp(value, "-") == 0))
        return put_file(w, name, value, err);
    json_key(w, str_from(name));
    if (member[len - 1] == '=')
        return put_json(w, "the value", str_from(value), err);
    json_write_string(w, str_from(value));
    return ST_OK;
}

static int build(const struct invocation *inv, const struct verb *verb, struct buffer *out,
                 struct error *err)
{
    struct json_writer w = json_writer(out);
    int rc = ST_OK;
    json_begin_object(&w);
    if (inv->operand_count > 0)
        rc = put_operand(&w, verb->first, inv->operands[0], err);
    if (!rc && inv->operand_count > 1)
        rc = put_operand(&w, verb->second, inv->operands[1], err);
    if (!rc)
        rc = put_options(inv, &w, err);
    json_end_object(&w);
    if (!rc && buffer_failed(out))
        rc = error_set(err, ST_NOMEM, "out of memory");
    return rc;
}

static void print_text(struct json v)
{
    struct buffer line = BUFFER_INIT;
    json_copy_line(&line, json_text(v));
    plain_put_line(stdout, buffer_str(&line), 0);
    buffer_clear(&line);
}

static void print_entries(struct json answer)
{
    struct json_iter it = json_iter(json_get(answer, STR("entries")));
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    while (json_next(&it)) {
        struct json value = json_get(it.value, STR("value"));
        buffer_reset(&scratch, 4096);
        if (!json_string(json_get(it.value, STR("key")), &scratch, &text))
            continue;
        unsigned used = plain_put_line(stdout, text, KEY_WIDTH);
        printf("%*s  ", used < KEY_WIDTH ? (int)(KEY_WIDTH - used) : 0, "");
        if (json_exists(value))
            print_text(value);
        else
            printf("version %.*s, %.*s bytes", STR_ARG(json_text(json_get(it.value, STR("version")))),
                   STR_ARG(json_text(json_get(it.value, STR("bytes")))));
        putchar('\n');
    }
    buffer_clear(&scratch);
    struct json next = json_get(answer, STR("next"));
    if (json_exists(next))
        fprintf(stderr, "hexmcp: there are more; go on with --after %.*s\n",
                STR_ARG(json_text(next)));
}

static void print(const struct invocation *inv, const struct json_doc *doc)
{
    struct json answer = json_root(doc);
    if (invocation_option(inv, "json")) {
        operation_print_json(doc);
    } else if (json_exists(json_get(answer, STR("entries")))) {
        print_entries(answer);
    } else if (strcmp(inv->command->name, "state get") == 0) {
        struct str text = json_text(json_get(answer, STR("value")));
        fwrite(text.ptr, 1, text.len, stdout);
        putchar('\n');
    } else {
        operation_print_json(doc);
    }
}

/* What was answered and is no success. */
static int outcome(struct json answer)
{
    bool truth;
    int64_t failed;
    if (json_bool(json_get(answer, STR("conflict")), &truth) && truth) {
        fprintf(stderr, "hexmcp: the key is at version %.*s; nothing was changed\n",
                STR_ARG(json_text(json_get(answer, STR("version")))));
        return EXIT_TOOL_FAILED;
    }
    if (json_int64(json_get(answer, STR("failed")), &failed) && failed)
        return EXIT_TOOL_FAILED;
    return EXIT_DONE;
}

static void progress(void *arg, struct str json, struct str bytes)
{
    (void)arg;
    (void)bytes;
    fprintf(stderr, "hexmcp: %.*s\n", STR_ARG(json));
}

static int execute(struct app *app, const struct invocation *inv)
{
    struct buffer text = BUFFER_INIT;
    struct json_doc *answer = NULL;
    struct error err;
    const struct verb *verb = verb_of(inv);
    int rc = build(inv, verb, &text, &err), code;
    struct operation_run run = {.name = verb->operation, .arguments = buffer_str(&text)};
    if (invocation_option(inv, "progress"))
        run.piece = progress;
    if (!rc)
        rc = operation_run(app, &run, &answer, &err);
    buffer_clear(&text);
    if (rc)
        return report_error(&err);
    code = outcome(json_root(answer));
    print(inv, answer);
    json_free(answer);
    return code;
}

static int run(struct invocation *inv)
{
    return app_run(inv, execute);
}

#define PLACE_OPTIONS                                                                              \
    {"scope", "global|user|session|workflow|component", "whose state; global if not given"},         \
        {"kind", "WORD", "of a component: agent, tool, hook"},                                      \
        {"id", "TEXT", "of the session, workflow or component"},                                    \
        {"json", NULL, "print JSON"}

static const struct option_spec place_options[] = {PLACE_OPTIONS, {NULL, NULL, NULL}};

static const struct option_spec list_options[] = {
    PLACE_OPTIONS,
    {"prefix", "TEXT", "only keys that begin so"},
    {"after", "KEY", "only keys behind this one"},
    {"limit", "NUMBER", "entries, 1 to 1000; 100 if not given"},
    {"values", NULL, "with values"},
    {"ephemeral", NULL, "those in memory, not in the store"},
    {NULL, NULL, NULL},
};

static const struct option_spec search_options[] = {
    PLACE_OPTIONS,
    {"pointer", "POINTER", "only values with something at this JSON Pointer"},
    {"equals", "JSON", "only values that have this there"},
    {"prefix", "TEXT", "only keys that begin so"},
    {"after", "KEY", "only keys behind this one"},
    {"limit", "NUMBER", "entries, 1 to 1000; 100 if not given"},
    {"values", NULL, "with values"},
    {NULL, NULL, NULL},
};

static const struct option_spec set_options[] = {
    PLACE_OPTIONS,
    {"if-version", "NUMBER", "only if the key is at this version; 0: only if it is not there"},
    {"class", "standard|sensitive|external", "what the value is; standard if not given"},
    {"schema", "NUMBER", "version of the value's shape"},
    {"ttl-ms", "NUMBER", "remove it after so many milliseconds"},
    {NULL, NULL, NULL},
};

static const struct option_spec delete_options[] = {
    PLACE_OPTIONS,
    {"if-version", "NUMBER", "only if the key is at this version"},
    {NULL, NULL, NULL},
};

static const struct option_spec clear_options[] = {
    PLACE_OPTIONS,
    {"prefix", "TEXT", "only keys that begin so"},
    {NULL, NULL, NULL},
};

static const struct option_spec migrate_options[] = {
    PLACE_OPTIONS,
    {"to", "NUMBER", "version; the latest of the file if not given"},
    {"dry-run", NULL, "change nothing, tell what would be"},
    {"no-backup", NULL, "do not keep the values from before when all went well"},
    {"batch", "NUMBER", "values at once, 1 to 500; 100 if not given"},
    {"validation", "none|basic|strict", "how results are looked at; basic if not given"},
    {"keep-going", NULL, "leave out values that fail, in place of rolling back"},
    {"timeout-ms", "NUMBER", "give up after so long; 300000 if not given"},
    {"progress", NULL, "tell on standard error what is done"},
    {NULL, NULL, NULL},
};

static const struct option_spec json_options[] = {{"json", NULL, "print JSON"}, {NULL, NULL, NULL}};

#define COMMAND(id, title, operand, least, most, option_list, text, more)                            \
    const struct command command_state_##id = {.name = "state " title,                              \
                                               .operands = operand,                                 \
                                               .summary = text,                                     \
                                               .details = more,                                     \
                                               .options = option_list,                              \
                                               .min_operands = least,                               \
                                               .max_operands = most,                                \
                                               .run = run}

COMMAND(list, "list", "", 0, 0, list_options, "List keys of state.", NULL);
COMMAND(get, "get", "KEY", 1, 1, place_options, "Print a value of state.", NULL);
COMMAND(set, "set", "KEY JSON|-", 2, 2, set_options, "Set a value of state.",
        "The value is JSON: a text needs quotes of its own, as in '\"dark\"'. With \"-\" it is read from\n"
        "standard input.\n");
COMMAND(delete, "delete", "KEY", 1, 1, delete_options, "Remove a value of state.", NULL);
COMMAND(search, "search", "[PATTERN]", 0, 1, search_options, "Find keys and values of state.",
        "In PATTERN \"*\" stands for any text, \"?\" for one character.\n");
COMMAND(clear, "clear", "", 0, 0, clear_options, "Remove all values of a place of state.", NULL);
COMMAND(quota, "quota", "", 0, 0, place_options, "Show what a place of state uses.", NULL);
COMMAND(migrate, "migrate", "FILE", 1, 1, migrate_options,
        "Bring values of state to another version of their shape.",
        "FILE says how (docs/state.md). The values from before are kept: \"hexmcp state rollback RUN\" puts\n"
        "them back, \"hexmcp state commit RUN\" drops them.\n");
COMMAND(rollback, "rollback", "RUN", 1, 1, place_options, "Undo a migration of state.", NULL);
COMMAND(commit, "commit", "RUN", 1, 1, place_options, "Drop the values from before a migration.", NULL);
COMMAND(rotate, "rotate", "", 0, 0, json_options,
        "Encrypt all encrypted values with the key of now.", NULL);
