#include <string.h>

#include "adapters/driving/cli/commands.h"

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
          "  hexmcp serve                                     what an assistant starts\n\n"
          "exit codes: 0 done, 1 the tool failed, 2 usage, 3 configuration, 4 not found, 5 denied,\n"
          "6 timed out, 70 internal error\n",
          out);
}

void print_help(FILE *out, const struct command *command)
{
    if (command)
        print_command(out, command);
    else
        print_all(out);
}

/* "help", "help plugin list" */
static int run(struct invocation *inv)
{
    char name[64] = "";
    if (inv->operand_count > 0)
        snprintf(name, sizeof(name), "%s%s%s", inv->operands[0], inv->operand_count > 1 ? " " : "",
                 inv->operand_count > 1 ? inv->operands[1] : "");
    for (int i = 0; name[0] && commands[i]; i++)
        if (strcmp(commands[i]->name, name) == 0) {
            print_help(stdout, commands[i]);
            return EXIT_DONE;
        }
    if (name[0]) {
        fprintf(stderr, "hexmcp: there is no command \"%s\"; \"hexmcp --help\" lists all\n", name);
        return EXIT_USAGE;
    }
    print_help(stdout, NULL);
    return EXIT_DONE;
}

const struct command command_help = {
    .name = "help",
    .operands = "[COMMAND]",
    .summary = "Show what the commands do.",
    .max_operands = 2,
    .run = run,
};
