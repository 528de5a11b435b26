/*
 * The sandbox of a helper process: what it may reach is decided here, before a plugin's code runs.
 * docs/adr/0021-sandbox.md says what this stops and what it does not.
 *
 * The order for a helper: sandbox_preload() for the libraries that the plugin names, then
 * sandbox_enter(), then the plugin is loaded. The host makes the helper's environment with
 * sandbox_environment() and reads what was refused with sandbox_denied_text().
 *
 * Thread: everything here is for a process that has one thread, except sandbox_denied_text() and
 * sandbox_has_system_set(), which any thread may call.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "ports/types.h"

enum { SANDBOX_MISSING_MAX = 12, SANDBOX_MISSING_TEXT = 240 };

/* What is left to the process. All is borrowed for the call; nothing listed is nothing allowed. */
struct sandbox_plan {
    const char *const *read; /* files, or folders with all below them, that may be read and mapped
                                executable; absolute, or "/proc/self/fd/N" for an open one       */
    size_t read_count;
    const char *const *write; /* folders below which files may also be made, written, renamed and
                                 removed; no symbolic links, devices, sockets or pipes           */
    size_t write_count;
    const struct str *system; /* names of system sets, see sandbox_has_system_set()               */
    size_t system_count;
    const int *keep; /* descriptors that stay open, in any order; no datagram sockets. Of 0, 1
                        and 2 those that are not kept become /dev/null                           */
    size_t keep_count;
    uint64_t memory_bytes; /* of address space; 0: no limit. Ignored under a sanitizer            */
    uint64_t file_bytes;   /* of one file or memory file; 0: no limit. A write beyond it fails
                              with EFBIG                                                         */
    uint64_t stack_bytes;  /* of the first thread; 0: as it is                                    */
    uint32_t descriptors;  /* open at once; 0: as it is                                           */
    bool strict;           /* what the kernel lacks is an error, not a line in the report         */
    int report_fd;         /* the writing end of a pipe, kept open, for records of refused calls;
                              -1: none                                                           */
};

/* What was found. */
struct sandbox_report {
    int landlock_abi; /* of this kernel; 0: none                                                  */
    size_t missing_count;
    char missing[SANDBOX_MISSING_MAX][SANDBOX_MISSING_TEXT]; /* a sentence each, for a person     */
};

/*
 * Restricts the calling process, for ever: descriptors, capabilities, limits, files (Landlock) and
 * system calls (seccomp). *report is always filled as far as it got. A failure leaves the process
 * half restricted: all it can do is to say so on a descriptor of `keep` and to exit.
 */
int sandbox_enter(const struct sandbox_plan *plan, struct sandbox_report *report,
                  struct error *err);

/* Whether a manifest may name this set: "libraries", "timezones", "locales", "fonts",
 * "certificates" or "machine". Each is a list of public paths of the system, those that exist are readable. */
bool sandbox_has_system_set(struct str name);

/*
 * Loads the shared libraries `sonames` ("libm.so.6"), so that a plugin that needs them finds them
 * in memory and need not read them from disk. Only bare names, only from the folders that the
 * system's loader trusts. Their constructors run in the caller, unrestricted. A helper calls it even
 * for none: what libc itself loads late is loaded too.
 */
int sandbox_preload(const struct str *sonames, size_t count, struct error *err);

/*
 * The environment for a helper: of `from` (such as environ) the variables in `names`, and nothing
 * else. Names that steer the loader or libc are refused, since the helper is not restricted yet when
 * it starts. *out ends with NULL and is released with one free().
 */
int sandbox_environment(const struct str *names, size_t count, char *const *from, char ***out,
                        struct error *err);

/* What arrives on report_fd, one write each. A plugin can forge one: it only accuses itself. */
struct sandbox_denied {
    uint32_t magic; /* SANDBOX_DENIED_MAGIC                                                       */
    int32_t number; /* of the system call                                                         */
    uint64_t arguments[4];
};

#define SANDBOX_DENIED_MAGIC 0x68786431u

/* Writes what the record says to `text`, e.g. "tried to start a program"; a record that is none gives
 * "sent a record of a refused call that cannot be read". */
void sandbox_denied_text(const struct sandbox_denied *denied, char *text, size_t size);
