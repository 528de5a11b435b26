/* One call of a tool in a host that the test makes: the files of a fresh folder, and what was told. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hexmcp/host/files.h"
#include "hexmcp/simple.h"

struct fake {
    char folder[64];
    hexmcp_host host;
    hexmcp_call_info_1 calls;
    hexmcp_files_1 files;
    hexmcp_error err;
    hexmcp_round r;
    bool no_files;  /* nothing is granted */
    bool cancelled;
    uint32_t outcome;
    char *json; /* what the call was completed with, or NULL */
    int progress;
    double last_progress;
};

int fake_setup(void **state);
int fake_teardown(void **state);

/* The path of a file in the folder; valid until the next call. */
const char *fake_path(const struct fake *f, const char *name);
void fake_write(const struct fake *f, const char *name, const char *text);
/* The file must hold this, and have these rights if `mode` is not 0. */
void fake_holds(const struct fake *f, const char *name, const char *text, unsigned mode);
/* How many entries the folder has. */
size_t fake_count(const struct fake *f);

void failed_with(const struct fake *f, int32_t status, int32_t want, const char *text);
