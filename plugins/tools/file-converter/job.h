/*
 * job.h - one file that is converted: what was asked for, the text on its way, and what came of it.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <sys/stat.h>

#include "detect.h"
#include "hexmcp/simple.h"
#include "kit/args.h"
#include "lines.h"

enum operation { OPERATION_ENCODING, OPERATION_LINE_ENDINGS, OPERATION_INDENTATION };

extern const char *const operation_names[];

struct job {
    const hexmcp_round *r;
    enum operation operation;
    const char *path, *target; /* borrowed; NULL: in its place */
    int from;                  /* encoding; -1: detect */
    enum encoding to;
    enum line_ending ending;
    bool spaces, lossy, backs_up, overwrite, dry_run;
    int mark; /* 1: with, 0: without, -1: as it was, or as usual in a new encoding */
    unsigned tab_size;

    struct stat about; /* of the file as it was read */
    struct bytes in, out;
    enum detected_by by;
    const char *was, *is; /* for "from" and "to" */
    uint64_t replaced;
    struct meter meter;
    char backup[4096 + 16]; /* empty: none */
};

/* Reads the arguments; their texts live as long as they. */
int32_t job_read(struct job *job, struct args *args);

/* [worker] Reads the file, converts it to `out`. job_clear() is due in any case. */
int32_t job_convert(struct job *job);
void job_clear(struct job *job);

/* [worker] Puts `out` where it belongs, with a backup if the file itself is replaced. */
int32_t job_write(struct job *job);

/* Whether this is the file that was read, as it was then. */
bool job_is_same(const struct job *job, const struct stat *now);

/* The error for a file that is not. */
int32_t job_changed(const struct job *job);

static inline bool job_changes(const struct job *job)
{
    return job->in.len != job->out.len ||
           (job->in.len > 0 && memcmp(job->in.ptr, job->out.ptr, job->in.len) != 0);
}
