/*
 * A stage for attacks: folders, a victim process and connections that a plugin must not reach. Each
 * attack runs in a child of its own, once in the sandbox and once without it, so that a test which the
 * sandbox does not decide fails.
 */
#pragma once

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <netinet/in.h>

#include <cmocka.h>

#include "adapters/driven/plugin_host/sandbox/sandbox.h"

enum { STAGE_PATH = 160 };

struct stage {
    char root[STAGE_PATH];
    char allowed[STAGE_PATH];  /* may be read; holds hello.txt and out, a link to beside.txt */
    char writable[STAGE_PATH]; /* may be written; holds mine.txt                             */
    char beside[STAGE_PATH];   /* a file next to both                                        */
    pid_t victim;              /* a process of the same user that lets itself be traced      */
    int listener;              /* TCP on the loopback interface                              */
    struct sockaddr_in address; /* its address                                               */
    int loose;                 /* TCP, not connected; kept in the sandbox                    */
    int loose_unix;            /* a local stream socket, not connected; kept                 */
    int secret;                /* a descriptor that is not kept                              */
    int pair[2];               /* a connected pair; [0] is kept                              */
    uint64_t memory_bytes;     /* these go to the plan; all but memory_bytes are 0 at first  */
    uint64_t file_bytes;
    uint64_t stack_bytes;
    uint32_t descriptors;
    const struct str *system;
    size_t system_count;
    bool strict;
    bool no_standard; /* keep none of 0, 1 and 2                                             */
    bool outside;     /* do not enter the sandbox                                            */
    void (*before)(void); /* runs in the child before it enters; may be NULL                 */
};

/* What an act returns and what its process left behind. */
struct outcome {
    bool finished;                /* the act returned                                          */
    int result;                   /* what it returned: 0 or an errno value                     */
    int entered;                  /* what sandbox_enter() returned                             */
    struct error error;           /* and why                                                   */
    struct sandbox_report report; /* and what it found                                         */
    int exit_code;                /* -1 if a signal ended it                                   */
    int signal;                   /* which, or 0                                               */
    int denied_count;             /* of records                                                */
    struct sandbox_denied denied; /* the first                                                 */
    char words[128];              /* of the first; empty if there is none                      */
};

typedef int (*stage_act)(const struct stage *stage);

/* An act that the sandbox must refuse. */
struct attack {
    const char *name;
    stage_act act;
    int refused;       /* what it returns in the sandbox                                        */
    const char *words; /* of the record, or NULL for none                                       */
    int control;       /* what it returns without the sandbox; CONTROL_DIFFERS: not the same, or
                          the same without a record. A machine may refuse it by itself: EPERM   */
    int landlock;      /* revision that it takes; 0: none                                       */
};

enum { CONTROL_DIFFERS = -1 };

/* An act that must return 0 in the sandbox. */
struct work {
    const char *name;
    stage_act act;
};

/* 0 or errno, for what returns -1 on failure. */
#define TRY(call) ((call) < 0 ? errno : 0)

/* Leaves an act with errno, or -1 where there is none. */
#define MUST(condition)                \
    do {                               \
        if (!(condition))              \
            return errno ? errno : -1; \
    } while (0)

/* Leaves a test that this machine cannot decide. Not by skip(), whose lines this cmocka writes as
 * failures. */
#define LEAVE_OUT(...)                     \
    do {                                   \
        print_message("# left out: ");     \
        print_message(__VA_ARGS__);        \
        print_message("\n");               \
        return;                            \
    } while (0)

/* meson runs tests with LD_LIBRARY_PATH, with which sandbox_preload() refuses to work. */
void stage_forget_loader(void);

int stage_setup(void **state);
int stage_teardown(void **state);

/* Runs the act in a child, in the sandbox unless stage->outside. */
struct outcome stage_run(const struct stage *stage, stage_act act);

/* Path below the root, valid until the next call but three. */
const char *stage_path(const struct stage *stage, const char *name);

/* Runs the act in the sandbox and expects 0 and no record. */
void stage_expect(const struct stage *stage, stage_act act);

/* Runs all attacks as tests of one group; the exit status. */
int stage_attacks(const char *group, const struct attack *attacks, size_t count);

/* Runs all works as tests of one group; the exit status. */
int stage_works(const char *group, const struct work *works, size_t count);
