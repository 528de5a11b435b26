/*
 * The sandbox of a program that a plugin starts. What it may reach is decided before exec, in the
 * process that becomes the program: files by Landlock, system calls by the filter of helpers, no
 * capabilities. docs/adr/0032-sandboxed-programs.md says what this stops and what it does not.
 *
 * It cannot start another program or process: the filter lets the one exec through that takes its
 * file from SANDBOX_PROGRAM_DESCRIPTOR, which is closed by it and which is above the limit of
 * descriptors, so that nothing can be opened there again.
 */
#pragma once

#include <linux/filter.h>

#include "adapters/driven/plugin_host/sandbox/sandbox.h"

enum { SANDBOX_PROGRAM_DESCRIPTOR = 600, SANDBOX_PROGRAM_DESCRIPTORS_MAX = 512 };

/* A folder that it may reach. */
struct sandbox_program_folder {
    int fd;
    bool write;
};

/* All borrowed. It may also read the system's libraries, locales and time zones, /dev/zero and the random
 * devices, and use /dev/null. */
struct sandbox_program_plan {
    int program;        /* the file that is started                                              */
    const char *script; /* a file that it reads, absolute; or NULL                               */
    const char *own;    /* a folder in which it may do all, absolute                             */
    const struct sandbox_program_folder *folders;
    size_t folder_count;
};

struct sandbox_program {
    int ruleset; /* -1: none */
    struct sock_filter *code;
    size_t code_count;
};

/* Makes what sandbox_program_enter() needs. ST_UNAVAILABLE without Landlock. [any] */
int sandbox_program_make(const struct sandbox_program_plan *plan, struct sandbox_program *out,
                         struct error *err);
void sandbox_program_clear(struct sandbox_program *sandbox);

/* Restricts the calling process, the child of a vfork; nothing but system calls. Needs no_new_privs. 0, or
 * an errno: then it must exit. Afterwards sandbox_program_start() alone can exec. */
int sandbox_program_enter(const struct sandbox_program *sandbox);

/* Starts what stands at SANDBOX_PROGRAM_DESCRIPTOR; returns the errno if it cannot. */
int sandbox_program_start(char *const *arguments, char *const *environment);
