#include <string.h>

#include "adapters/driving/cli/commands.h"
#include "core/json/writer.h"

#define LINE_WIDTH 96

static void print_options(FILE *out, const struct option_spec *options)
{
    for (; options && options->name; options++) {
        char left[64];
        snprintf(left, sizeof(left), "--%s%s%s", options->name, options->value ? " " : "",
                 options->value ? options->value : "");
        fprintf(out, "  %-24s %s\n", left, options->help);
    }
}

static void print_command(FILE *out, const struct command *command)
{
    fprintf(out, "usage: hexmcp %s%s%s [options]\n\n%s\n", command->name,
            command->operands[0] ? " " : "", command->operands, command->summary);
    if (command->details)
        fprintf(out, "\n%s\n", command->details);
    if (command->options && command->options->name) {
        fputs("\noptions:\n", out);
        print_options(out, command->options);
    }
    fputs("\noptions of every command:\n", out);
    print_options(out, common_options);
}

/* "exit codes: 0 done, 1 ...", broken into lines. */
static void print_exit_codes(FILE *out)
{
    int column = fprintf(out, "exit codes:");
    for (size_t i = 0; i < exit_meaning_count; i++) {
        char one[64];
        bool last = i + 1 == exit_meaning_count;
        snprintf(one, sizeof(one), "%d %s%s", exit_meanings[i].code, exit_meanings[i].brief,
                 last ? "\n" : ",");
        bool fits = column + 1 + (int)strlen(one) < LINE_WIDTH;
        column = (fits ? column : 0) + fprintf(out, "%s%s", fits ? " " : "\n", one);
    }
}

static void print_all(FILE *out)
{
    fputs("hexmcp serves tools from plugins to assistants, IDEs and agents over the Model Context\n"
          "Protocol (MCP).\n\n"
          "usage: hexmcp COMMAND [options]\n\ncommands:\n",
          out);
    for (int i = 0; commands[i]; i++)
        if (!commands[i]->hidden)
            fprintf(out, "  %-16s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n\"hexmcp COMMAND --help\" tells more about one of them.\n\n"
          "first steps:\n"
          "  hexmcp tools                                     what tools are there\n"
          "  hexmcp call calculator --arg input='(2+3)*7'     call one of them\n"
          "  hexmcp serve                                     what an assistant starts\n\n",
          out);
    print_exit_codes(out);
}

void print_help(FILE *out, const struct command *command)
{
    if (command)
        print_command(out, command);
    else
        print_all(out);
}

/* ---- as JSON ---- */

static void write_options(struct json_writer *w, const struct option_spec *options)
{
    json_key(w, STR("options"));
    json_begin_array(w);
    for (; options && options->name; options++) {
        json_begin_object(w);
        json_put_string(w, STR("name"), str_from(options->name));
        json_key(w, STR("value"));
        if (options->value)
            json_write_string(w, str_from(options->value));
        else
            json_write_null(w);
        json_put_string(w, STR("help"), str_from(options->help));
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_command(struct json_writer *w, const struct command *command)
{
    json_begin_object(w);
    json_put_string(w, STR("name"), str_from(command->name));
    json_put_string(w, STR("operands"), str_from(command->operands));
    json_put_string(w, STR("summary"), str_from(command->summary));
    json_put_string(w, STR("details"), str_from(command->details ? command->details : ""));
    write_options(w, command->options);
    json_end_object(w);
}

static void write_all(struct json_writer *w)
{
    json_begin_object(w);
    json_put_string(w, STR("version"), STR(HEXMCP_VERSION));
    json_key(w, STR("commands"));
    json_begin_array(w);
    for (int i = 0; commands[i]; i++)
        if (!commands[i]->hidden)
            write_command(w, commands[i]);
    json_end_array(w);
    write_options(w, common_options);
    json_key(w, STR("exitCodes"));
    json_begin_array(w);
    for (size_t i = 0; i < exit_meaning_count; i++) {
        json_begin_object(w);
        json_put_i64(w, STR("code"), exit_meanings[i].code);
        json_put_string(w, STR("meaning"), str_from(exit_meanings[i].meaning));
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
}

static int print_json(const struct command *command)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    if (command)
        write_command(&w, command);
    else
        write_all(&w);
    buffer_add_char(&out, '\n');
    fwrite(out.data, 1, out.len, stdout);
    buffer_clear(&out);
    return EXIT_DONE;
}

/* ---- the command ---- */

/* "help", "help plugin list" */
static int run(struct invocation *inv)
{
    bool as_json = invocation_option(inv, "json") != NULL;
    char name[64] = "";
    if (inv->operand_count > 0)
        snprintf(name, sizeof(name), "%s%s%s", inv->operands[0], inv->operand_count > 1 ? " " : "",
                 inv->operand_count > 1 ? inv->operands[1] : "");
    for (int i = 0; name[0] && commands[i]; i++)
        if (strcmp(commands[i]->name, name) == 0) {
            if (as_json)
                return print_json(commands[i]);
            print_help(stdout, commands[i]);
            return EXIT_DONE;
        }
    if (name[0]) {
        fprintf(stderr, "hexmcp: there is no command \"%s\"; \"hexmcp --help\" lists all\n", name);
        return EXIT_USAGE;
    }
    if (as_json)
        return print_json(NULL);
    print_help(stdout, NULL);
    return EXIT_DONE;
}

static const struct option_spec options[] = {
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct command command_help = {
    .name = "help",
    .operands = "[COMMAND]",
    .summary = "Show what the commands do.",
    .options = options,
    .max_operands = 2,
    .run = run,
};
