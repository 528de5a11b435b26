#include <stdio.h>

#include "adapters/driving/cli/client/clients.h"
#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/plain.h"
#include "core/json/writer.h"

static void write_json(struct json_writer *w, const struct client *client,
                       const struct client_report *report)
{
    json_begin_object(w);
    json_put_string(w, STR("client"), str_from(client->id));
    json_put_string(w, STR("title"), str_from(client->title));
    json_put_string(w, STR("state"), str_from(client_state_name(report->state)));
    json_put_bool(w, STR("found"), client_is_here(client));
    if (report->file[0])
        json_put_string(w, STR("file"), str_from(report->file));
    if (report->command[0])
        json_put_string(w, STR("command"), str_from(report->command));
    if (report->state == CLIENT_UNREADABLE)
        json_put_string(w, STR("why"), str_from(report->why.text));
    json_end_object(w);
}

static void print_line(const struct client *client, const struct client_report *report)
{
    printf("%-15s %-15s ", client->id, client_state_name(report->state));
    plain_print(str_from(report->file));
    if (report->state == CLIENT_BROKEN) {
        fputs("\n                there is no program ", stdout);
        plain_print(str_from(report->command));
        printf("; \"hexmcp client add %s\" mends it", client->id);
    }
    if (report->state == CLIENT_UNREADABLE) {
        fputs("\n                ", stdout);
        plain_print(str_from(report->why.text));
    }
    putchar('\n');
}

static int run(struct invocation *inv)
{
    const char *name = invocation_option(inv, "name");
    bool project = invocation_option(inv, "project"), json = invocation_option(inv, "json");
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    json_begin_array(&w);
    for (size_t i = 0; i < client_count; i++) {
        struct client_report report;
        client_look(&clients[i], project, str_from(name ? name : "hexmcp"), &report);
        if (json)
            write_json(&w, &clients[i], &report);
        else
            print_line(&clients[i], &report);
    }
    json_end_array(&w);
    buffer_add_char(&out, '\n');
    if (json)
        fwrite(out.data, 1, out.len, stdout);
    buffer_clear(&out);
    return EXIT_DONE;
}

static const struct option_spec options[] = {
    {"name", "NAME", "the entry to look for; hexmcp if not given"},
    {"project", NULL, "look into the clients' files in this folder, not into those of the user"},
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct command command_client_list = {
    .name = "client list",
    .operands = "",
    .summary = "Show the MCP clients that are here, and which of them have hexmcp.",
    .options = options,
    .run = run,
};
