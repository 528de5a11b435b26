#include "adapters/driving/cli/client/change.h"
#include "adapters/driving/cli/commands.h"

/* True if adding an entry makes the same of both texts: what they differ in is lost by adding. */
static bool become_the_same(const struct change *change, struct str a, struct str b)
{
    const struct client *client = change->client;
    const struct str arg = STR("serve");
    const struct client_entry entry = {.name = str_from(change->name), .command = STR("/hexmcp"),
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

static bool has_entry(const struct change *change, struct str text)
{
    struct client_found found;
    if (change->client->format->find(text, str_from(change->client->section), str_from(change->name),
                                     &found, NULL))
        return true;
    buffer_clear(&found.command);
    return found.present;
}

/* A file without any value, and none, look like "{}" once an entry was added. The copies tell which
 * it was: the last that fits is put back. Without one the file was made by adding, and goes. */
static enum change_kind restore(struct change *change)
{
    struct config_file old;
    struct buffer text = BUFFER_INIT;
    bool any = false;
    for (int i = 1; config_file_old(&change->file, i, &old, NULL) == ST_OK; i++) {
        struct str before = buffer_str(&old.text);
        if (!has_entry(change, before) &&
            become_the_same(change, buffer_str(&change->after), before)) {
            buffer_reset(&text, SIZE_MAX);
            buffer_add_str(&text, before);
            any = !buffer_failed(&text);
        }
        config_file_clear(&old);
    }
    if (!any) {
        buffer_clear(&text);
        bool made = become_the_same(change, buffer_str(&change->after), STR(""));
        return made ? CHANGE_DELETE : CHANGE_REMOVE;
    }
    buffer_clear(&change->after);
    change->after = text;
    return CHANGE_REMOVE;
}

static int prepare(struct change *change, struct error *err)
{
    int rc = change->client->format->remove(buffer_str(&change->file.text),
                                            str_from(change->client->section),
                                            str_from(change->name), &change->after, err);
    if (rc)
        return change_name_file(change, err);
    change->kind = restore(change);
    if (change->kind == CHANGE_DELETE)
        buffer_reset(&change->after, 0);
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
