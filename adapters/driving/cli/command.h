/*
 * A command of the program: its name, its options, its help, and what it does.
 *
 * One file a command; the table in commands.c is the list that --help shows.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/base/error.h"
#include "core/base/str.h"

/* Exit codes. They are stable. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_TOOL_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_CONFIGURATION = 3,
    EXIT_NOT_FOUND = 4,
    EXIT_DENIED = 5,
    EXIT_TIMED_OUT = 6,
    EXIT_INTERNAL = 70,
    EXIT_INTERRUPTED = 130, /* by Ctrl-C */
};

/* What they mean, for people: in a word or two, and in full. In rising order. */
struct exit_meaning {
    enum exit_code code;
    const char *brief, *meaning;
};
extern const struct exit_meaning exit_meanings[];
extern const size_t exit_meaning_count;

/* The exit code that says the same as a status. */
int exit_code_of(int status);

/* An option of a command, or of all of them. */
struct option_spec {
    const char *name;  /* without dashes */
    const char *value; /* what its value is called, e.g. "FILE"; NULL: a switch */
    const char *help;
};

struct invocation;

struct command {
    const char *name;     /* "plugin list": up to two words */
    const char *operands; /* shown in the usage line, e.g. "TOOL [JSON | -]"; the shell completes
                             each by its name (completion/values.h) */
    const char *summary;  /* one line */
    const char *details;  /* further help: what it does, examples; NULL for none */
    const struct option_spec *options; /* ended by a NULL name; NULL: none of its own */
    int min_operands;
    int max_operands;
    bool lists;  /* "NAME list" is the same */
    bool hidden; /* not for people: in no list */
    int (*run)(struct invocation *inv); /* returns an exit code */
};

extern const struct command *const commands[]; /* ended by NULL */
extern const struct option_spec common_options[];

/* One given option. */
struct given {
    const char *name;
    const char *value; /* NULL for a switch */
};

#define MAX_GIVEN 64
#define MAX_OPERANDS 128

/* A parsed command line. */
struct invocation {
    const struct command *command;
    struct given given[MAX_GIVEN];
    int given_count;
    char *operands[MAX_OPERANDS];
    int operand_count;
    const char *program; /* argv[0] */
};

/* Parses the command line. ST_INVALID with a text that names the nearest known word. With
 * `--help` or no command *inv has the command `help`. */
int invocation_parse(int argc, char **argv, struct invocation *inv, struct error *err);

/* The command of one or two words at words[0..], and how many it took; NULL if there is none. */
const struct command *invocation_command(int count, char *const *words, int *used);

/* The last value given for the option, NULL if it was not given; "" for a switch. */
const char *invocation_option(const struct invocation *inv, const char *name);

/* Prints "hexmcp: <text>" to stderr and returns the exit code of err->code. */
int report_error(const struct error *err);

/* Prints the help of `command`, of all if NULL. */
void print_help(FILE *out, const struct command *command);
