/* The command line of the validator. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"

enum report_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_SARIF };

#define LEVEL_DEFAULT 5
#define LEVEL_MAX 10
#define NAMES_MAX 64

struct options {
    const char *path; /* the bundle */
    int level;
    const char *only[NAMES_MAX]; /* names or numbers of checks; ended by NULL */
    const char *skip[NAMES_MAX];
    enum report_format format;
    const char *sarif_file; /* NULL: none */
    uint64_t seed;
    bool in_process;
    bool strict;
    bool quick;
    bool list;     /* the table of checks, as JSON, instead of a validation */
    int timeout_s; /* 0: each check's own limit */
    bool help;
    bool within;        /* run by a check of another validator */
    const char *binary; /* file in the bundle that stands for plugin.so; NULL: plugin.so */
};

/* Reads the command line; strings are borrowed from it. ST_INVALID with the usage in the text. */
int options_parse(int argc, char **argv, struct options *out, struct error *err);

/* Is the check chosen by name, number and level? */
bool options_choose(const struct options *options, const char *name, int number, int level);

extern const char options_help[];
