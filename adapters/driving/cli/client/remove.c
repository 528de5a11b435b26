#include "adapters/driving/cli/client/change.h"
#include "adapters/driving/cli/commands.h"

/* True if adding an entry makes the same of both texts: what they differ in is lost by adding. */
static bool become_the_same(const struct client *client, struct str a, struct str b)
{
    const struct str arg = STR("serve");
    const struct client_entry entry = {.name = STR("hexmcp"), .command = STR("/hexmcp"),
                                       .args = &arg, .arg_count = 1, .typed = client->typed};
    struct buffer from_a = BUFFER_INIT, from_b = BUFFER_INIT;
    struct str section = str_from(client->section);
    bool same = client->format->put(a, section, &entry, &from_a, NULL) == ST_OK &&
                client->format->put(b, section, &entry, &from_b, NULL) == ST_OK &&
                str_eq(buffer_str(&from_a), buffer_str(&from_b));
    buffer_clear(&from_a);
    buffer_clear(&from_b);
    return same;
}

/* True for a text without an entry that adding takes for an empty one. */
static bool is_as_empty(const struct change *change, struct str text)
{
    const struct client *client = change->client;
    struct client_found found;
    if (client->format->find(text, str_from(client->section), str_from(change->name), &found, NULL))
        return false;
    buffer_clear(&found.command);
    return !found.present && become_the_same(client, text, STR(""));
}

/* An empty file, and none, look like "{}" once an entry was added. The copies tell which it was: the
 * last that fits is put back; without one the file was made by adding, and goes. */
static enum change_kind restore(struct change *change)
{
    struct config_file old;
    struct buffer text = BUFFER_INIT;
    bool any = false;
    if (!is_as_empty(change, buffer_str(&change->after)))
        return CHANGE_REMOVE;
    for (int i = 1; config_file_old(&change->file, i, &old, NULL) == ST_OK; i++) {
        if (is_as_empty(change, buffer_str(&old.text))) {
            buffer_reset(&text, SIZE_MAX);
            buffer_add_str(&text, buffer_str(&old.text));
            any = true;
        }
        config_file_clear(&old);
    }
    buffer_clear(&change->after);
    change->after = text;
    return any ? CHANGE_REMOVE : CHANGE_DELETE;
}

static int prepare(struct change *change, struct error *err)
{
    int rc = change->client->format->remove(buffer_str(&change->file.text),
                                            str_from(change->client->section),
                                            str_from(change->name), &change->after, err);
    if (rc)
        return change_name_file(change, err);
    change->kind = restore(change);
    return ST_OK;
}

static int run(struct invocation *inv)
{
    struct change change;
    struct error err;
    if (change_begin(inv, &change, &err))
        return report_error(&err);
    int code = prepare(&change, &err) ? report_error(&err) : change_finish(inv, &change);
    change_clear(&change);
    return code;
}

static const struct option_spec options[] = {
    {"name", "NAME", "what the client calls the server; hexmcp if not given"},
    {"project", NULL, "remove it from the client's file in this folder, not from that of the user"},
    {"print", NULL, "only show the change"},
    {"yes", NULL, "write without asking"},
    {"json", NULL, "print JSON; does not ask, so nothing is written without --yes"},
    {NULL, NULL, NULL},
};

const struct command command_client_remove = {
    .name = "client remove",
    .operands = "CLIENT",
    .summary = "Remove hexmcp from the configuration of an MCP client.",
    .details = "Takes out what \"hexmcp client add\" put in, and leaves every other byte as it is. A file\n"
               "that holds nothing else and that adding made is deleted. Asks and keeps a copy as\n"
               "\"hexmcp client add\" does. The exit code is 4 if there is no such entry.",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
