/*
 * hexmcp-plugin-validator: finds the mistakes of a plugin before its users do.
 *
 * The checks stand in one table (checks.c). A check that runs code of the plugin does so in a child
 * process of its own, with a time limit and resource limits, so that a crash, a hang, an exit or a
 * word on standard output is a finding that names the check. A check tells what it finds on a board
 * that it shares with the parent, so that what was told survives the child.
 */
#pragma once

#include "adapters/driving/validator/board.h"
#include "adapters/driving/validator/options.h"
#include "adapters/driving/validator/subject.h"
#include "ports/driven/crypto.h"
#include "ports/driven/regex.h"

enum check_group { GROUP_STATIC, GROUP_LOAD, GROUP_LIFECYCLE, GROUP_CALLS, GROUP_HOSTILE };

/* What must hold before a check makes sense. */
#define NEEDS_MANIFEST 1u
#define NEEDS_IMAGE 2u   /* plugin.so is an ELF file for this machine                            */
#define NEEDS_CODE 4u    /* runs code of the plugin: in a child                                  */
#define NEEDS_CREATE 8u  /* loading and creating it works                                        */
#define NEEDS_SERVER 16u /* runs the hexmcp program with the plugin, in a child                  */
#define NEEDS_CHILD 32u  /* runs foreign code, not the plugin's: in a child                      */

struct trial;

struct check {
    int number; /* stable */
    const char *name;
    int level;
    enum check_group group;
    unsigned needs;
    int seconds; /* time limit */
    const char *summary;
    void (*run)(struct trial *t);
};

extern const struct check checks[];
extern const size_t check_count;

const char *check_group_name(enum check_group group);

/* The run of one check. */
struct trial {
    const struct check *check;
    const struct subject *subject;
    const struct options *options;
    const struct plugin_checks *rules; /* schemas                                                */
    const struct crypto_port *crypto;
    const char *program_folder; /* of the validator                                              */
    const char *program;        /* hexmcp                                                        */
    const char *scratch;        /* a folder of this check's own, emptied afterwards              */
    struct board *board;
    uint64_t seed;
};

/* Tells something about `where` (a file, function, tool; may be ""), as a sentence that says what
 * is wrong and, behind a semicolon, what to do. [any] */
void tell_note(struct trial *t, const char *where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void tell_warning(struct trial *t, const char *where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void tell_failure(struct trial *t, const char *where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What is being done from now on: the end of "crashed with SIGSEGV while ...". */
void trial_step(struct trial *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The check cannot be made, because ... Return after it. */
void trial_skip(struct trial *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How often to repeat what is done `full` times: as many, or the hundredth part with --quick, at
 * least `least`. */
unsigned trial_rounds(const struct trial *t, unsigned full, unsigned least);

/* Nothing was told that fails the check. */
bool trial_clean(const struct trial *t);
