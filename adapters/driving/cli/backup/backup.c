/* The commands about backups: each is an operation. */
#include <stdlib.h>
#include <string.h>

#include "adapters/driving/cli/app.h"
#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/operation/operation.h"
#include "core/json/writer.h"

static struct str text_of(struct json v, const char *name)
{
    struct str text = {"", 0};
    json_plain(json_get(v, str_from(name)), &text);
    return text;
}

static long long number_of(struct json v, const char *name)
{
    int64_t number = 0;
    json_int64(json_get(v, str_from(name)), &number);
    return number;
}

static void print_list(struct json answer)
{
    for (struct json_iter it = json_iter(json_get(answer, STR("backups"))); json_next(&it);) {
        bool encrypted = false;
        json_bool(json_get(it.value, STR("encrypted")), &encrypted);
        printf("%.*s  %-11.*s  %-9.*s  %12lld bytes  %9lld records%s\n",
               STR_ARG(text_of(it.value, "id")), STR_ARG(text_of(it.value, "kind")),
               STR_ARG(text_of(it.value, "importance")), number_of(it.value, "bytes"),
               number_of(it.value, "records"), encrypted ? "  encrypted" : "");
    }
}

/* The phases of a restore, on standard error. */
static void show_phase(void *arg, struct str json, struct str bytes)
{
    struct json_doc *doc;
    struct error err;
    (void)bytes;
    if (json_parse(json, &doc, &err))
        return;
    struct str phase = text_of(json_root(doc), "phase");
    struct buffer *last = arg;
    if (!str_eq(phase, buffer_str(last))) {
        fprintf(stderr, "%.*s\n", STR_ARG(phase));
        buffer_reset(last, 64);
        buffer_add_str(last, phase);
    }
    json_free(doc);
}

static int run_operation(struct app *app, const struct invocation *inv, const char *name,
                         struct str arguments, void (*print)(struct json answer))
{
    struct json_doc *answer;
    struct error err;
    struct buffer phase = BUFFER_INIT;
    const struct operation_run run = {
        .name = name, .arguments = arguments, .piece = show_phase, .arg = &phase};
    int rc = operation_run(app, &run, &answer, &err);
    buffer_clear(&phase);
    if (rc)
        return report_error(&err);
    if (print && !invocation_option(inv, "json"))
        print(json_root(answer));
    else
        operation_print_json(answer);
    json_free(answer);
    return EXIT_DONE;
}

static void put_words(struct json_writer *w, const char *list)
{
    json_begin_array(w);
    while (*list) {
        size_t len = strcspn(list, ",");
        json_write_string(w, (struct str){list, len});
        list += len + (list[len] == ',');
    }
    json_end_array(w);
}

static void put_option(struct json_writer *w, const struct invocation *inv, const char *name)
{
    const char *value = invocation_option(inv, name);
    if (value)
        json_put_string(w, str_from(name), str_from(value));
}

static int ask(struct app *app, const struct invocation *inv, const char *name,
               void (*print)(struct json answer))
{
    struct buffer arguments = BUFFER_INIT;
    struct json_writer w = json_writer(&arguments);
    const char *kinds = invocation_option(inv, "kinds");
    json_begin_object(&w);
    if (inv->operand_count)
        json_put_string(&w, STR("id"), str_from(inv->operands[0]));
    put_option(&w, inv, "kind");
    put_option(&w, inv, "importance");
    if (invocation_option(inv, "dry-run"))
        json_put_bool(&w, STR("dryRun"), true);
    if (kinds) {
        json_key(&w, STR("kinds"));
        put_words(&w, kinds);
    }
    json_end_object(&w);
    int code = run_operation(app, inv, name, buffer_str(&arguments), print);
    buffer_clear(&arguments);
    return code;
}

static int list(struct app *app, const struct invocation *inv)
{
    return ask(app, inv, "backup.list", print_list);
}

static int create(struct app *app, const struct invocation *inv)
{
    return ask(app, inv, "backup.create", NULL);
}

static int verify(struct app *app, const struct invocation *inv)
{
    return ask(app, inv, "backup.verify", NULL);
}

static int restore(struct app *app, const struct invocation *inv)
{
    return ask(app, inv, "backup.restore", NULL);
}

static int prune(struct app *app, const struct invocation *inv)
{
    return ask(app, inv, "backup.prune", NULL);
}

#define RUN(work)                                                                                  \
    static int run_##work(struct invocation *inv)                                                  \
    {                                                                                              \
        return app_run(inv, work);                                                                 \
    }

RUN(list)
RUN(create)
RUN(verify)
RUN(restore)
RUN(prune)

static const struct option_spec list_options[] = {
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

static const struct option_spec create_options[] = {
    {"kind", "KIND", "full, incremental (adds to the one before) or auto"},
    {"importance", "WORD", "low, standard, important or critical; critical ones are never pruned"},
    {NULL, NULL, NULL},
};

static const struct option_spec restore_options[] = {
    {"dry-run", NULL, "only check it"},
    {"kinds", "LIST", "only records of these kinds: event,projection,value,blob,document"},
    {NULL, NULL, NULL},
};

static const struct option_spec prune_options[] = {
    {"dry-run", NULL, "only tell what would go"},
    {NULL, NULL, NULL},
};

const struct command command_backup = {
    .name = "backup",
    .operands = "",
    .summary = "list backups of the store",
    .details = "Backups are files in the folder backup.folder (docs/backup.md).\n",
    .options = list_options,
    .lists = true,
    .run = run_list,
};

const struct command command_backup_create = {
    .name = "backup create",
    .operands = "",
    .summary = "make a backup, while the store is used",
    .options = create_options,
    .run = run_create,
};

const struct command command_backup_verify = {
    .name = "backup verify",
    .operands = "BACKUP",
    .summary = "read a backup whole and check it",
    .min_operands = 1,
    .max_operands = 1,
    .run = run_verify,
};

const struct command command_backup_restore = {
    .name = "backup restore",
    .operands = "BACKUP",
    .summary = "put a backup in the place of what the store holds",
    .details = "The backup is checked first, and a backup of what is there is made.\n",
    .options = restore_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_restore,
};

const struct command command_backup_prune = {
    .name = "backup prune",
    .operands = "",
    .summary = "remove the backups that the settings do not keep",
    .options = prune_options,
    .run = run_prune,
};
