/* The child that reads a foreign archive, and what it says on a pipe. */
#pragma once

#include "adapters/driven/archive/archive_module.h"

enum { RECORD_FILE = 1, RECORD_BYTES = 2, RECORD_END = 3, RECORD_ERROR = 4 };

#define RECORD_MAX_BYTES 65536u

/* `len` bytes follow: the name, the bytes, or the text of the error. */
struct child_record {
    uint32_t kind;
    int32_t code; /* of RECORD_ERROR */
    uint32_t len;
};

/* In the child: gives up its rights, reads `archive`, says all on `pipe`, and ends the process. */
void child_read(archive_entry_fn entry, int archive, int pipe) __attribute__((noreturn));
