/*
 * Denied attempts of plugins: each kind is logged once, all are counted, and what was counted is added
 * to a small file of the user, so that "hexmcp plugin inspect" can show it. Several processes may
 * add to one file. Of more than DENIALS_OF_PLUGIN_MAX - 1 kinds of one plugin the rest is counted as one.
 */
#pragma once

#include "adapters/driven/denials/denial_list.h"
#include "ports/driven/clock.h"
#include "ports/driven/denials.h"
#include "ports/driven/log.h"

/* Counts are written at most this often, new kinds sooner. */
#define DENIALS_WRITE_MS 60000
#define DENIALS_WRITE_NEW_MS 1000

struct denials;

struct denials_config {
    const char *path; /* copied; NULL: nothing is kept */
    const struct clock_port *clock;
    const struct log_port *log;
};

int denials_new(const struct denials_config *config, struct denials **out, struct error *err);

/* Writes what was not written yet. NULL is allowed. */
void denials_free(struct denials *denials);

const struct denials_port *denials_port(const struct denials *denials);

/* All that the file at `path` says; nothing without a file, or with one that cannot be used. */
void denials_read(const char *path, struct denial_list *out);
