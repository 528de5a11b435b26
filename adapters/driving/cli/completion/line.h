/* A command line that is being typed: what the words before the cursor are. */
#pragma once

#include "adapters/driving/cli/command.h"
#include "adapters/driving/cli/completion/offer.h"

struct line {
    struct invocation inv; /* what is there already; its command is NULL while it is not known */
    const struct option_spec *option; /* whose value stands at the cursor; NULL: none */
    bool only_operands;               /* behind "--" */
    struct offers offers;             /* the word at the cursor */
    const char *first;                /* the first word of a command of two; NULL: it is typed now */
};

/* The words behind the program's name; the last one is at the cursor and may be empty. Words that
 * are wrong are passed over. `count` is at least 1. */
void line_read(char *const *words, int count, struct line *line);

/* The name of the operand at the cursor in the usage text, e.g. TOOL; false if there is none. */
bool line_operand(const struct line *line, struct str *name);
