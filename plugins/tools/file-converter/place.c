/*
 * place.c - the converted text to its place, and what was there before beside it.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "job.h"
#include "kit/source.h"
#include "kit/target.h"

#define BACKUPS_MAX 100

/* The rights and the times of the file that was read. */
static int32_t keep_about(const struct job *job, const struct target *target)
{
    struct timespec times[2] = {job->about.st_atim, job->about.st_mtim};
    if (fchmod(target->fd, job->about.st_mode & 0777) == 0 && futimens(target->fd, times) == 0)
        return HEXMCP_OK;
    return hexmcp_fail(job->r->err, HEXMCP_E_GENERIC, "%.*s cannot get the rights and times of %.*s: %s",
                       SHOWN(target->path), SHOWN(job->path), strerror(errno));
}

static int32_t put(const struct job *job, struct target *target, const struct bytes *bytes)
{
    int32_t status = target_write(target, bytes->ptr, bytes->len);
    if (status == HEXMCP_OK)
        status = keep_about(job, target);
    if (status == HEXMCP_OK)
        return target_commit(target);
    target_drop(target);
    return status;
}

/* The first name that is free: NAME.bak, NAME.bak1 ... */
static int32_t back_up(struct job *job)
{
    int32_t status = HEXMCP_OK;
    for (int i = 0; i < BACKUPS_MAX; i++) {
        struct target target;
        char number[8] = "";
        bool there = false;
        if (i > 0)
            snprintf(number, sizeof(number), "%d", i);
        snprintf(job->backup, sizeof(job->backup), "%s.bak%s", job->path, number);
        status = target_check(job->r, job->backup, false, &there);
        if (status == HEXMCP_OK)
            status = target_begin(job->r, job->backup, false, &target);
        if (status == HEXMCP_OK)
            return put(job, &target, &job->in);
        if (!there)
            return status;
    }
    return hexmcp_fail(job->r->err, HEXMCP_E_INVALID,
                       "%.*s has %d backups beside it already; delete some, or give backup false",
                       SHOWN(job->path), BACKUPS_MAX);
}

/* Somebody else may have written to the file while it was converted. */
static int32_t check_same(const struct job *job, const struct target *target)
{
    struct stat now;
    const struct stat *then = &job->about;
    if (fstatat(target->folder, target->name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
        now.st_ino == then->st_ino && now.st_dev == then->st_dev && now.st_size == then->st_size &&
        now.st_mtim.tv_sec == then->st_mtim.tv_sec && now.st_mtim.tv_nsec == then->st_mtim.tv_nsec)
        return HEXMCP_OK;
    return hexmcp_fail(job->r->err, HEXMCP_E_BUSY,
                       "%.*s was changed by somebody else meanwhile, so it is left as it is; try again",
                       SHOWN(job->path));
}

static int32_t replace(struct job *job)
{
    struct target target;
    bool there;
    if (job->dry_run)
        return target_check(job->r, job->path, true, &there);
    int32_t status = target_begin(job->r, job->path, true, &target);
    if (status != HEXMCP_OK)
        return status;
    status = check_same(job, &target);
    if (status == HEXMCP_OK && job->backs_up)
        status = back_up(job);
    if (status == HEXMCP_OK)
        return put(job, &target, &job->out);
    target_drop(&target);
    return status;
}

int32_t job_write(struct job *job)
{
    struct target target;
    bool there;
    if (!job->target || strcmp(job->target, job->path) == 0)
        return job_changes(job) ? replace(job) : HEXMCP_OK;
    if (job->dry_run)
        return target_check(job->r, job->target, job->overwrite, &there);
    int32_t status = target_begin(job->r, job->target, job->overwrite, &target);
    return status == HEXMCP_OK ? put(job, &target, &job->out) : status;
}
