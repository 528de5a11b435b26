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

/* All but the name. After an error it is dropped. */
static int32_t fill(const struct job *job, struct target *target, const struct bytes *bytes)
{
    int32_t status = target_write(target, bytes->ptr, bytes->len);
    if (status == HEXMCP_OK)
        status = keep_about(job, target);
    if (status != HEXMCP_OK)
        target_drop(target);
    return status;
}

/* Fills a file for the first name that is free: NAME.bak, NAME.bak1 ... Finds the name alone if `backup`
 * is NULL. */
static int32_t begin_backup(struct job *job, struct target *backup)
{
    int32_t status = HEXMCP_OK;
    for (int i = 0; i < BACKUPS_MAX; i++) {
        char number[8] = "";
        bool there = false;
        if (i > 0)
            snprintf(number, sizeof(number), "%d", i);
        snprintf(job->backup, sizeof(job->backup), "%s.bak%s", job->path, number);
        status = target_check(job->r, job->backup, false, &there);
        if (status == HEXMCP_OK && backup)
            status = target_begin(job->r, job->backup, false, backup);
        if (status == HEXMCP_OK)
            return backup ? fill(job, backup, &job->in) : HEXMCP_OK;
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
    return fstatat(target->folder, target->name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
                   job_is_same(job, &now)
               ? HEXMCP_OK
               : job_changed(job);
}

/* The old and the new are written first, so that little time is left between the last look and the
 * change. */
static int32_t replace_filled(struct job *job, struct target *target, struct target *backup)
{
    int32_t status = check_same(job, target);
    if (status == HEXMCP_OK && backup)
        status = target_commit(backup);
    else if (backup)
        target_drop(backup);
    if (status == HEXMCP_OK)
        return target_commit(target);
    target_drop(target);
    return status;
}

static int32_t replace(struct job *job)
{
    struct target target, backup;
    bool there;
    if (job->dry_run) {
        int32_t would = target_check(job->r, job->path, true, &there);
        return would == HEXMCP_OK && job->backs_up ? begin_backup(job, NULL) : would;
    }
    int32_t status = target_begin(job->r, job->path, true, &target);
    if (status == HEXMCP_OK)
        status = fill(job, &target, &job->out);
    if (status != HEXMCP_OK || !job->backs_up)
        return status == HEXMCP_OK ? replace_filled(job, &target, NULL) : status;
    status = begin_backup(job, &backup);
    if (status == HEXMCP_OK)
        return replace_filled(job, &target, &backup);
    target_drop(&target);
    return status;
}

/* The same file by another path would be replaced without a backup. */
static int32_t check_other(const struct job *job, struct target *target)
{
    struct stat there;
    if (fstatat(target->folder, target->name, &there, AT_SYMLINK_NOFOLLOW) != 0 ||
        there.st_dev != job->about.st_dev || there.st_ino != job->about.st_ino)
        return HEXMCP_OK;
    target_drop(target);
    return hexmcp_fail(job->r->err, HEXMCP_E_INVALID,
                       "%.*s is the file itself; leave target_path out to replace it, with a backup",
                       SHOWN(job->target));
}

static int32_t write_new(struct job *job)
{
    struct target target;
    int32_t status = target_begin(job->r, job->target, job->overwrite, &target);
    if (status == HEXMCP_OK)
        status = check_other(job, &target);
    if (status == HEXMCP_OK)
        status = fill(job, &target, &job->out);
    return status == HEXMCP_OK ? target_commit(&target) : status;
}

int32_t job_write(struct job *job)
{
    bool there;
    if (!job->target || strcmp(job->target, job->path) == 0)
        return job_changes(job) ? replace(job) : HEXMCP_OK;
    if (job->dry_run)
        return target_check(job->r, job->target, job->overwrite, &there);
    return write_new(job);
}
