#include <string.h>

#include "adapters/driving/cli/commands.h"
#include "core/base/nearest.h"

static bool starts_with_word(const char *text, const char *word)
{
    size_t len = strlen(word);
    return strncmp(text, word, len) == 0 && (text[len] == ' ' || text[len] == '\0');
}

/* The command of one or two words at argv[0..]; *used is how many it took. "tools list" is the same
 * as "tools". */
const struct command *invocation_command(int argc, char *const *argv, int *used)
{
    const struct command *single = NULL;
    for (int i = 0; commands[i]; i++) {
        const char *name = commands[i]->name;
        if (!starts_with_word(name, argv[0]))
            continue;
        const char *second = strchr(name, ' ');
        if (!second) {
            single = commands[i];
        } else if (argc > 1 && strcmp(second + 1, argv[1]) == 0) {
            *used = 2;
            return commands[i];
        }
    }
    *used = single && single->lists && argc > 1 && strcmp(argv[1], "list") == 0 ? 2 : 1;
    return single;
}

/* "plugin" alone: which second words there are. */
static int incomplete_command(const char *first, const char *second, struct error *err)
{
    char list[200] = "";
    struct nearest near = {.word = str_from(second)};
    for (int i = 0; commands[i]; i++) {
        const char *space = strchr(commands[i]->name, ' ');
        if (!space || !starts_with_word(commands[i]->name, first))
            continue;
        nearest_offer(&near, str_from(space + 1));
        size_t used = strlen(list);
        snprintf(list + used, sizeof(list) - used, "%s%s", used ? ", " : "", space + 1);
    }
    if (!list[0])
        return ST_OK;
    if (near.best.len)
        return error_set(err, ST_INVALID, "unknown command \"%s %s\"; did you mean \"%s %.*s\"?",
                         first, second, first, STR_ARG(near.best));
    return error_set(err, ST_INVALID, "\"hexmcp %s\" needs one more word: %s", first, list);
}

static int unknown_command(int argc, char **argv, struct error *err)
{
    int rc = incomplete_command(argv[0], argc > 1 ? argv[1] : "", err);
    if (rc)
        return rc;
    struct nearest near = {.word = str_from(argv[0])};
    for (int i = 0; commands[i]; i++) {
        const char *space = strchr(commands[i]->name, ' ');
        size_t len = space ? (size_t)(space - commands[i]->name) : strlen(commands[i]->name);
        if (!commands[i]->hidden)
            nearest_offer(&near, (struct str){commands[i]->name, len});
    }
    if (near.best.len)
        return error_set(err, ST_INVALID, "unknown command \"%s\"; did you mean \"%.*s\"?", argv[0],
                         STR_ARG(near.best));
    return error_set(err, ST_INVALID, "unknown command \"%s\"; \"hexmcp --help\" lists all",
                     argv[0]);
}

static const struct option_spec *find_in(const struct option_spec *options, struct str name)
{
    for (; options && options->name; options++)
        if (str_eq(str_from(options->name), name))
            return options;
    return NULL;
}

static int unknown_option(const struct command *command, struct str name, struct error *err)
{
    struct nearest near = {.word = name};
    for (const struct option_spec *o = command->options; o && o->name; o++)
        nearest_offer(&near, str_from(o->name));
    for (const struct option_spec *o = common_options; o->name; o++)
        nearest_offer(&near, str_from(o->name));
    if (near.best.len)
        return error_set(err, ST_INVALID, "unknown option --%.*s; did you mean --%.*s?",
                         STR_ARG(name), STR_ARG(near.best));
    return error_set(err, ST_INVALID, "unknown option --%.*s; see \"hexmcp %s --help\"",
                     STR_ARG(name), command->name);
}

static int give(struct invocation *inv, const char *name, const char *value, struct error *err)
{
    if (inv->given_count == MAX_GIVEN)
        return error_set(err, ST_INVALID, "more than %d options", MAX_GIVEN);
    inv->given[inv->given_count++] = (struct given){name, value};
    return ST_OK;
}

/* Reads the option argv[*at], and its value where it needs one. */
static int take_option(struct invocation *inv, int argc, char **argv, int *at, struct error *err)
{
    const char *text = argv[*at] + 2;
    const char *equals = strchr(text, '=');
    struct str name = {text, equals ? (size_t)(equals - text) : strlen(text)};
    const struct option_spec *spec = find_in(inv->command->options, name);
    if (!spec)
        spec = find_in(common_options, name);
    if (!spec)
        return unknown_option(inv->command, name, err);
    const char *value = "";
    if (spec->value && equals)
        value = equals + 1;
    else if (spec->value && *at + 1 < argc)
        value = argv[++*at];
    else if (spec->value)
        return error_set(err, ST_INVALID, "option --%s needs a value: --%s %s", spec->name,
                         spec->name, spec->value);
    else if (equals)
        return error_set(err, ST_INVALID, "option --%s takes no value", spec->name);
    return give(inv, spec->name, value, err);
}

static int check_operands(const struct invocation *inv, struct error *err)
{
    const struct command *command = inv->command;
    const char *space = command->operands[0] ? " " : "";
    if (invocation_option(inv, "help"))
        return ST_OK;
    if (inv->operand_count < command->min_operands)
        return error_set(err, ST_INVALID, "too few words; usage: hexmcp %s%s%s", command->name, space,
                         command->operands);
    if (inv->operand_count > command->max_operands)
        return error_set(err, ST_INVALID, "unexpected \"%s\"; usage: hexmcp %s%s%s",
                         inv->operands[command->max_operands], command->name, space,
                         command->operands);
    return ST_OK;
}

static int take_arguments(struct invocation *inv, int argc, char **argv, int at, struct error *err)
{
    bool only_operands = false;
    for (; at < argc; at++) {
        char *word = argv[at];
        int rc = ST_OK;
        if (!only_operands && strcmp(word, "--") == 0) {
            only_operands = true;
        } else if (!only_operands && strcmp(word, "-h") == 0) {
            rc = give(inv, "help", "", err);
        } else if (!only_operands && strncmp(word, "--", 2) == 0) {
            rc = take_option(inv, argc, argv, &at, err);
        } else if (!only_operands && word[0] == '-' && word[1] != '\0') {
            return error_set(err, ST_INVALID, "unknown option %s; options begin with --", word);
        } else if (inv->operand_count < MAX_OPERANDS) {
            inv->operands[inv->operand_count++] = word;
        } else {
            rc = error_set(err, ST_INVALID, "more than %d words", MAX_OPERANDS);
        }
        if (rc)
            return rc;
    }
    return check_operands(inv, err);
}

int invocation_parse(int argc, char **argv, struct invocation *inv, struct error *err)
{
    *inv = (struct invocation){.command = &command_help, .program = argv[0]};
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return ST_OK;
    if (strcmp(argv[1], "--version") == 0) {
        inv->command = &command_version;
        return ST_OK;
    }
    if (argv[1][0] == '-')
        return error_set(err, ST_INVALID, "%s: a command comes first; \"hexmcp --help\" lists all",
                         argv[1]);
    int used;
    inv->command = invocation_command(argc - 1, argv + 1, &used);
    if (!inv->command)
        return unknown_command(argc - 1, argv + 1, err);
    return take_arguments(inv, argc, argv, 1 + used, err);
}

const char *invocation_option(const struct invocation *inv, const char *name)
{
    for (int i = inv->given_count; i-- > 0;)
        if (strcmp(inv->given[i].name, name) == 0)
            return inv->given[i].value;
    return NULL;
}
