#include "adapters/driving/cli/client/change.h"

#include <stdio.h>
#include <unistd.h>

#include "adapters/driving/cli/client/diff.h"
#include "adapters/driving/cli/plain.h"
#include "core/json/writer.h"

#define NAME_MAX_BYTES 64

/* What came of a change. */
struct outcome {
    bool written;
    char backup[PATH_MAX]; /* "" if there is none */
};

static int check_name(const char *name, struct error *err)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    size_t len = strlen(name);
    if (len == 0 || len > NAME_MAX_BYTES || strspn(name, letters) != len)
        return error_set(err, ST_INVALID, "--name %s: expected up to %d letters, digits, \"-\", \"_\" "
                                          "and \".\"",
                         name, NAME_MAX_BYTES);
    return ST_OK;
}

int change_begin(const struct invocation *inv, struct change *out, struct error *err)
{
    char path[PATH_MAX];
    const char *name = invocation_option(inv, "name");
    struct change change = {.name = name ? name : "hexmcp", .after = BUFFER_INIT,
                            .project = invocation_option(inv, "project") != NULL};
    int rc = check_name(change.name, err);
    if (!rc)
        rc = client_by_id(inv->operands[0], &change.client, err);
    if (!rc)
        rc = client_file(change.client, change.project, path, err);
    if (!rc)
        rc = config_file_read(path, &change.file, err);
    if (!rc)
        *out = change;
    return rc;
}

void change_clear(struct change *change)
{
    config_file_clear(&change->file);
    buffer_clear(&change->after);
}

int change_name_file(const struct change *change, struct error *err)
{
    if (err->code == ST_NOMEM)
        return err->code;
    return error_prefix(err, "%s ", change->file.path);
}

static int make(const struct change *change, struct outcome *out, struct error *err)
{
    int rc = config_file_backup(&change->file, out->backup, err);
    if (!rc && change->kind == CHANGE_DELETE)
        rc = config_file_delete(&change->file, err);
    else if (!rc)
        rc = config_file_write(&change->file, buffer_str(&change->after), change->project, err);
    out->written = !rc;
    return rc;
}

/* --- showing ----------------------------------------------------------------------------------- */

static void write_diff(const struct change *change, struct buffer *out)
{
    diff_write(out, buffer_str(&change->file.text), buffer_str(&change->after));
}

static void show(const struct change *change)
{
    struct buffer diff = BUFFER_INIT;
    const char *file = change->file.path;
    write_diff(change, &diff);
    if (!change->project && !client_is_here(change->client))
        printf("%s was not found here. This is what its file would be.\n", change->client->title);
    printf("--- %s\n+++ %s\n", change->file.exists ? file : "/dev/null",
           change->kind == CHANGE_DELETE ? "/dev/null" : file);
    plain_print(buffer_str(&diff));
    buffer_clear(&diff);
    fflush(stdout);
}

static const char *kind_name(enum change_kind kind)
{
    static const char *const names[] = {
        [CHANGE_NONE] = "none",      [CHANGE_ADD] = "add",       [CHANGE_UPDATE] = "update",
        [CHANGE_REMOVE] = "remove",  [CHANGE_DELETE] = "delete",
    };
    return names[kind];
}

static void show_json(const struct change *change, const struct outcome *outcome)
{
    struct buffer diff = BUFFER_INIT, out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    write_diff(change, &diff);
    json_begin_object(&w);
    json_put_string(&w, STR("client"), str_from(change->client->id));
    json_put_string(&w, STR("file"), str_from(change->file.path));
    json_put_string(&w, STR("name"), str_from(change->name));
    json_put_string(&w, STR("change"), str_from(kind_name(change->kind)));
    json_put_bool(&w, STR("written"), outcome->written);
    json_key(&w, STR("backup"));
    if (outcome->backup[0])
        json_write_string(&w, str_from(outcome->backup));
    else
        json_write_null(&w);
    json_put_string(&w, STR("diff"), buffer_str(&diff));
    json_end_object(&w);
    buffer_add_char(&out, '\n');
    fwrite(out.data, 1, out.len, stdout);
    buffer_clear(&diff);
    buffer_clear(&out);
}

static void tell(const struct change *change, const struct outcome *outcome)
{
    static const char *const said[] = {
        [CHANGE_ADD] = "added", [CHANGE_UPDATE] = "updated", [CHANGE_REMOVE] = "removed"};
    if (change->kind == CHANGE_DELETE)
        printf("Deleted %s, which held nothing else.\n", change->file.path);
    else
        printf("%s was %s.\n", change->name, said[change->kind]);
    if (outcome->backup[0])
        printf("The file as it was: %s\n", outcome->backup);
    printf("Restart %s, or reload its MCP servers.\n", change->client->title);
}

/* --- asking ------------------------------------------------------------------------------------ */

/* True if the person says y or yes. */
static bool ask(void)
{
    char answer[16];
    fputs("Write this change? [y/N] ", stdout);
    fflush(stdout);
    if (!fgets(answer, sizeof(answer), stdin))
        return false;
    size_t len = strcspn(answer, "\r\n");
    struct str said = {answer, len};
    return str_eq(said, STR("y")) || str_eq(said, STR("Y")) || str_eq(said, STR("yes"));
}

static bool can_ask(const struct invocation *inv)
{
    return !invocation_option(inv, "json") && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static int finish_unwritten(const struct invocation *inv, const struct change *change,
                            const char *why)
{
    const struct outcome nothing = {false, ""};
    if (invocation_option(inv, "json"))
        show_json(change, &nothing);
    if (!why)
        return EXIT_DONE;
    fflush(stdout);
    fprintf(stderr, "hexmcp: nothing was written%s\n", why);
    return EXIT_USAGE;
}

static int finish_none(const struct invocation *inv, const struct change *change)
{
    const char *title = change->client->title, *file = change->file.path;
    if (!invocation_option(inv, "json"))
        printf("%s: %s is in %s as it should be; there is nothing to do.\n", title, change->name, file);
    return finish_unwritten(inv, change, NULL);
}

int change_finish(const struct invocation *inv, const struct change *change)
{
    bool json = invocation_option(inv, "json");
    struct outcome outcome = {false, ""};
    struct error err;
    if (change->kind == CHANGE_NONE)
        return finish_none(inv, change);
    if (!json)
        show(change);
    if (invocation_option(inv, "print"))
        return finish_unwritten(inv, change, NULL);
    if (!invocation_option(inv, "yes") && !can_ask(inv))
        return finish_unwritten(inv, change, "; --yes writes the change without asking, --print only "
                                             "shows it");
    if (!invocation_option(inv, "yes") && !ask())
        return finish_unwritten(inv, change, "");
    if (make(change, &outcome, &err))
        return report_error(&err);
    if (json)
        show_json(change, &outcome);
    else
        tell(change, &outcome);
    return EXIT_DONE;
}
