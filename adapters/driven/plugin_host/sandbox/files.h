/* What the process may open, by Landlock. Once restricted, it stays so. */
#pragma once

#include "adapters/driven/plugin_host/sandbox/landlock_abi.h"
#include "adapters/driven/plugin_host/sandbox/missing.h"
#include "adapters/driven/plugin_host/sandbox/sandbox.h"

#define FILE_RIGHTS                                                                          \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | \
     LANDLOCK_ACCESS_FS_TRUNCATE | LANDLOCK_ACCESS_FS_IOCTL_DEV)
#define FOLDER_RIGHTS                                                                            \
    (LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
     LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |   \
     LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                               \
     LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER)

/* Mapping a file executable needs no right of Landlock's; EXECUTE would be for starting it. */
#define READING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITING                                                                        \
    (READING | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE |           \
     LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |                       \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REFER)

/* Makes all of the file system, but for what the plan names, unreachable; also TCP, abstract
 * sockets and signals to others, where the kernel's revision can. Needs no_new_privs. */
int files_restrict(const struct sandbox_plan *plan, struct sandbox_report *report,
                   struct error *err);

/* The parts. A ruleset is a descriptor. */
int files_landlock_revision(void); /* of this kernel; 0: none */

/* A ruleset without rules that handles all that the kernel can, of revision missing->report. */
int files_ruleset(struct missing *missing, uint64_t *handled, int *ruleset, struct error *err);

/* Adds what `fd` is, a file or a folder with all below it. */
int files_allow(int ruleset, int fd, const char *path, uint64_t rights, struct error *err);

/* What is not there is an error, unless `optional`. */
int files_allow_path(int ruleset, const char *path, uint64_t rights, bool optional,
                     struct error *err);

/* Adds what there is of these system sets. */
int files_allow_system(int ruleset, const struct str *sets, size_t count, uint64_t rights,
                       struct error *err);
