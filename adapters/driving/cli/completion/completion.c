#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/completion/line.h"
#include "adapters/driving/cli/completion/scripts.h"
#include "adapters/driving/cli/completion/values.h"

/* ---- hexmcp completion SHELL ---- */

static int run_completion(struct invocation *inv)
{
    static const struct {
        const char *shell;
        const struct str *script;
    } scripts[] = {
        {"bash", &completion_bash},
        {"zsh", &completion_zsh},
        {"fish", &completion_fish},
    };
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
        if (strcmp(inv->operands[0], scripts[i].shell) == 0) {
            fwrite(scripts[i].script->ptr, 1, scripts[i].script->len, stdout);
            return EXIT_DONE;
        }
    struct error err;
    error_set(&err, ST_INVALID, "there is no completion for \"%s\"; there is one for bash, zsh and fish",
              inv->operands[0]);
    return report_error(&err);
}

/* ---- hexmcp __complete -- WORD... ---- */

static void offer_command_words(const struct line *line)
{
    offer_begin(&line->offers, "words");
    for (int i = 0; commands[i]; i++) {
        struct str name = str_from(commands[i]->name), summary = str_from(commands[i]->summary);
        const char *space = strchr(commands[i]->name, ' ');
        size_t len = space ? (size_t)(space - commands[i]->name) : name.len;
        bool same = i > 0 && strncmp(commands[i - 1]->name, name.ptr, len) == 0 &&
                    (commands[i - 1]->name[len] == ' ' || !commands[i - 1]->name[len]);
        if (!commands[i]->hidden && !same)
            offer(&line->offers, (struct str){name.ptr, len}, "", space ? STR("") : summary);
    }
}

static void offer_second_words(const struct line *line, const char *first)
{
    size_t len = strlen(first);
    for (int i = 0; commands[i]; i++)
        if (strncmp(commands[i]->name, first, len) == 0 && commands[i]->name[len] == ' ')
            offer(&line->offers, str_from(commands[i]->name + len + 1), "",
                  str_from(commands[i]->summary));
}

static void offer_options(const struct line *line)
{
    const struct option_spec *tables[] = {line->inv.command->options, common_options};
    for (size_t i = 0; i < 2; i++)
        for (const struct option_spec *o = tables[i]; o && o->name; o++) {
            char name[64];
            snprintf(name, sizeof(name), "--%s", o->name);
            offer(&line->offers, str_from(name), "", str_from(o->help));
        }
}

static void complete(const struct line *line)
{
    const struct command *command = line->inv.command;
    struct str operand;
    if (!command && !line->first) {
        offer_command_words(line);
    } else if (!command) {
        offer_begin(&line->offers, "words");
        offer_second_words(line, line->first);
    } else if (line->option) {
        if (line->option->value)
            offer_values(line, str_from(line->option->value));
    } else if (!line->only_operands && str_starts(line->offers.typed, STR("-"))) {
        offer_begin(&line->offers, "words");
        offer_options(line);
    } else if (!line_operand(line, &operand) || !offer_values(line, operand)) {
        offer_begin(&line->offers, "words");
        if (line->only_operands)
            return;
        offer_second_words(line, command->name);
        offer_options(line);
    }
}

static int run_complete(struct invocation *inv)
{
    struct line line;
    if (inv->operand_count == 0)
        return EXIT_DONE;
    line_read(inv->operands, inv->operand_count, &line);
    complete(&line);
    return EXIT_DONE;
}

const struct command command_completion = {
    .name = "completion",
    .operands = "bash|zsh|fish",
    .summary = "Print a script that makes the shell complete commands.",
    .details = "Commands, options, tools, resources, prompts, their arguments and values are completed.\n\n"
               "  source <(hexmcp completion bash)      in ~/.bashrc\n"
               "  source <(hexmcp completion zsh)       in ~/.zshrc, after compinit\n"
               "  hexmcp completion fish | source       in ~/.config/fish/config.fish",
    .min_operands = 1,
    .max_operands = 1,
    .run = run_completion,
};

/* What the scripts ask. It answers as well as it can and never complains. */
const struct command command_complete = {
    .name = "__complete",
    .operands = "-- WORD...",
    .summary = "Say what can stand at the end of a command line.",
    .hidden = true,
    .max_operands = MAX_OPERANDS,
    .run = run_complete,
};
