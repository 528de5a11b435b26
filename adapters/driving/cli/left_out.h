/*
 * Tools that this build does not have, because a library was missing when it was made: the file
 * left-out.json in the folder of the bundled plugins, which the build writes. It is read when a tool is
 * asked for that is not there, and by doctor.
 */
#pragma once

#include "core/json/json.h"
#include "ports/driven/missing_tools.h"

struct left_out;

/* `folder`, of the bundled plugins, is copied. NULL without memory. */
struct left_out *left_out_new(const char *folder);
void left_out_free(struct left_out *left);

const struct missing_tools *left_out_port(struct left_out *left);

/* One plugin that is not there. */
struct left_out_plugin {
    struct str tool;  /* its first tool */
    struct str needs; /* "libarchive (libarchive-dev)" */
};

/* The next one; start with *at = 0. False at the end. */
bool left_out_next(struct left_out *left, uint32_t *at, struct left_out_plugin *out);
