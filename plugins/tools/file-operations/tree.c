/*
 * SPDX-License-Identifier: MIT
 */
#include "tree.h"
#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A walk through one tree, or through two that become alike.
 *   dry  counts only; the folders to copy to are not there, and no descriptor stands for them */
struct walk {
    const struct op *op;
    struct path from;
    struct path to;
    int depth;
    int dry;
    struct tally *tally;
};

static int32_t step(const struct walk *walk)
{
    const struct tally *tally = walk->tally;
    const struct op *op = walk->op;
    int64_t done = tally->files + tally->folders + tally->links + tally->skipped;
    if (done > TREE_ENTRIES_MAX)
        return hexmcp_fail(op->err, HEXMCP_E_TOO_LARGE,
                           "%.*s has more than %d entries in it, the most for one call; go on with "
                           "the folders in it, one after the other",
                           SHOWN(op->request->path), TREE_ENTRIES_MAX);
    if (done % 100 == 0)
        op->host->progress(op->host->ctx, op->call, (double)done, 0, hexmcp_str_from("entries"));
    return op_check(op);
}

static int32_t go_down(struct walk *walk, struct path *path, const char *name)
{
    if (!path_push(path, name, strlen(name)))
        return hexmcp_fail(walk->op->err, HEXMCP_E_INVALID,
                           "the path of %s in %.*s has more than %d bytes; give it a shorter one",
                           name, SHOWN(path_str(path)), HEXMCP_FILES_PATH_MAX);
    return HEXMCP_OK;
}

static int32_t check_depth(const struct walk *walk)
{
    if (walk->depth < TREE_DEPTH_MAX)
        return HEXMCP_OK;
    return hexmcp_fail(walk->op->err, HEXMCP_E_TOO_LARGE,
                       "%.*s has folders more than %d deep; work on the deeper ones first",
                       SHOWN(walk->op->request->path), TREE_DEPTH_MAX);
}

/* Keeps `fd` only if it is what `seen` tells. */
static int32_t check_same(const struct walk *walk, const struct path *path, int fd,
                          const struct stat *seen)
{
    struct stat st;
    if (fstat(fd, &st) == 0 && st.st_dev == seen->st_dev && st.st_ino == seen->st_ino)
        return HEXMCP_OK;
    close(fd);
    return hexmcp_fail(walk->op->err, HEXMCP_E_BUSY,
                       "%.*s is changed by somebody else meanwhile; look at what is there now and "
                       "try again",
                       SHOWN(path_str(path)));
}

/* The folder `path` to be changed. */
static int32_t open_for_change(struct walk *walk, struct path *path, const struct stat *seen,
                               int *fd)
{
    struct entry inside;
    int32_t status = go_down(walk, path, "x");
    if (status != HEXMCP_OK)
        return status;
    status = op_entry(walk->op, path_str(path), HEXMCP_FILES_WRITE, &inside);
    path_pop(path);
    if (status == HEXMCP_OK)
        status = check_same(walk, path, inside.folder, seen);
    if (status == HEXMCP_OK)
        *fd = inside.folder;
    return status;
}

/* --- deleting ------------------------------------------------------------------------------- */

static int32_t delete_one(struct walk *walk, int folder, const char *name);

static int32_t delete_each(struct walk *walk, int folder)
{
    struct names names;
    int failure = names_read(folder, &names);
    int32_t status = HEXMCP_OK;
    if (failure)
        status = op_errno(walk->op, "list", path_str(&walk->from), failure);
    for (size_t i = 0; i < names.count && status == HEXMCP_OK; i++) {
        status = go_down(walk, &walk->from, names.at[i]);
        if (status == HEXMCP_OK) {
            status = delete_one(walk, folder, names.at[i]);
            path_pop(&walk->from);
        }
    }
    names_clear(&names);
    return status;
}

static int32_t delete_children(struct walk *walk, const struct stat *seen)
{
    int folder;
    int32_t status = check_depth(walk);
    if (status == HEXMCP_OK)
        status = open_for_change(walk, &walk->from, seen, &folder);
    if (status != HEXMCP_OK)
        return status;
    walk->depth++;
    status = delete_each(walk, folder);
    walk->depth--;
    close(folder);
    return status;
}

static void count_deleted(struct tally *tally, const struct stat *st)
{
    if (S_ISDIR(st->st_mode))
        tally->folders++;
    else if (S_ISLNK(st->st_mode))
        tally->links++;
    else
        tally->files++;
    if (S_ISREG(st->st_mode))
        tally->bytes += st->st_size;
}

/* The entry `name` of `folder`, whose path is walk->from. */
static int32_t delete_one(struct walk *walk, int folder, const char *name)
{
    struct stat st;
    int32_t status = step(walk);
    if (status != HEXMCP_OK)
        return status;
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return op_errno(walk->op, "delete", path_str(&walk->from), errno);
    int is_folder = S_ISDIR(st.st_mode);
    if (is_folder)
        status = delete_children(walk, &st);
    if (status == HEXMCP_OK && walk->dry)
        status = op_may_change(walk->op, folder, "delete", path_str(&walk->from));
    else if (status == HEXMCP_OK && unlinkat(folder, name, is_folder ? AT_REMOVEDIR : 0) != 0)
        status = op_errno(walk->op, "delete", path_str(&walk->from), errno);
    if (status == HEXMCP_OK)
        count_deleted(walk->tally, &st);
    return status;
}

int32_t tree_delete(const struct op *op, const struct entry *entry, struct tally *tally)
{
    struct walk walk = {.op = op, .tally = tally, .dry = op->request->dry_run};
    if (!path_clean(&walk.from, entry->path))
        return op_errno(op, "delete", entry->path, ENAMETOOLONG);
    return delete_one(&walk, entry->folder, entry->name);
}

/* --- copying -------------------------------------------------------------------------------- */

static int32_t copy_each(struct walk *walk, int from, int to);

static void skip(struct walk *walk, const char *why)
{
    if (walk->tally->skipped++ == 0)
        snprintf(walk->tally->first_skipped, sizeof(walk->tally->first_skipped), "%s", why);
}

static int32_t copy_to_new(struct walk *walk, int from, const struct stat *st, int to_folder,
                           const char *name)
{
    int to = openat(to_folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                    st->st_mode & 0777);
    if (to < 0)
        return op_errno(walk->op, "write", path_str(&walk->to), errno);
    int32_t status = copy_content(walk->op, from, to, path_str(&walk->from), &walk->tally->bytes);
    close(to);
    walk->tally->files += status == HEXMCP_OK;
    return status;
}

static int32_t count_file(struct walk *walk, const struct stat *st)
{
    walk->tally->files++;
    walk->tally->bytes += st->st_size;
    return check_copied(walk->op, path_str(&walk->from), st->st_size);
}

static int32_t copy_file(struct walk *walk, const struct stat *seen, int to, const char *name)
{
    int from;
    int32_t status = op_open(walk->op, path_str(&walk->from), HEXMCP_FILES_READ, &from);
    if (status == HEXMCP_E_DENIED) {
        skip(walk, walk->op->err->text);
        return HEXMCP_OK;
    }
    if (status == HEXMCP_OK)
        status = check_same(walk, &walk->from, from, seen);
    if (status != HEXMCP_OK)
        return status;
    status = walk->dry ? count_file(walk, seen) : copy_to_new(walk, from, seen, to, name);
    close(from);
    return status;
}

static int32_t copy_link(struct walk *walk, int from, int to, const char *name)
{
    int failure = walk->dry ? 0 : link_copy(from, name, to, name);
    if (failure)
        return op_errno(walk->op, "copy", path_str(&walk->from), failure);
    walk->tally->links++;
    return HEXMCP_OK;
}

/* Makes the folder walk->to, `name` in `folder`, and opens it. */
static int32_t make_folder(struct walk *walk, int folder, const char *name, int *to)
{
    struct stat st;
    *to = -1;
    if (walk->dry) {
        walk->tally->folders++;
        return HEXMCP_OK;
    }
    if (mkdirat(folder, name, 0755) != 0 ||
        fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return op_errno(walk->op, "make", path_str(&walk->to), errno);
    walk->tally->folders++;
    return open_for_change(walk, &walk->to, &st, to);
}

static int32_t copy_children(struct walk *walk, int from, int to)
{
    int32_t status = check_depth(walk);
    if (status != HEXMCP_OK)
        return status;
    walk->depth++;
    status = copy_each(walk, from, to);
    walk->depth--;
    return status;
}

static int32_t copy_folder(struct walk *walk, const struct stat *seen, int to_folder,
                           const char *name)
{
    int from, to;
    int32_t status = op_open(walk->op, path_str(&walk->from),
                             HEXMCP_FILES_READ | HEXMCP_FILES_DIRECTORY, &from);
    if (status == HEXMCP_OK)
        status = check_same(walk, &walk->from, from, seen);
    if (status != HEXMCP_OK)
        return status;
    status = make_folder(walk, to_folder, name, &to);
    if (status == HEXMCP_OK) {
        status = copy_children(walk, from, to);
        if (status == HEXMCP_OK && to >= 0 && fchmod(to, seen->st_mode & 0777) != 0)
            status = op_errno(walk->op, "make", path_str(&walk->to), errno);
        if (to >= 0)
            close(to);
    }
    close(from);
    return status;
}

static int32_t copy_one(struct walk *walk, int from, int to, const char *name)
{
    struct stat st;
    char why[HEXMCP_ERROR_TEXT];
    if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return op_errno(walk->op, "copy", path_str(&walk->from), errno);
    if (S_ISDIR(st.st_mode))
        return copy_folder(walk, &st, to, name);
    if (S_ISREG(st.st_mode))
        return copy_file(walk, &st, to, name);
    if (S_ISLNK(st.st_mode))
        return copy_link(walk, from, to, name);
    snprintf(why, sizeof(why), "%.*s is neither a file nor a folder nor a link",
             SHOWN(path_str(&walk->from)));
    skip(walk, why);
    return HEXMCP_OK;
}

/* Everything in the folder `from` to the folder `to`. */
static int32_t copy_each(struct walk *walk, int from, int to)
{
    struct names names;
    int failure = names_read(from, &names);
    int32_t status = HEXMCP_OK;
    if (failure)
        status = op_errno(walk->op, "list", path_str(&walk->from), failure);
    for (size_t i = 0; i < names.count && status == HEXMCP_OK; i++) {
        size_t from_len = walk->from.len, to_len = walk->to.len;
        status = step(walk);
        if (status == HEXMCP_OK)
            status = go_down(walk, &walk->from, names.at[i]);
        if (status == HEXMCP_OK)
            status = go_down(walk, &walk->to, names.at[i]);
        if (status == HEXMCP_OK)
            status = copy_one(walk, from, to, names.at[i]);
        walk->from.len = from_len;
        walk->to.len = to_len;
    }
    names_clear(&names);
    return status;
}

int32_t tree_copy(const struct op *op, int from_folder, hexmcp_str from, const struct entry *to,
                  struct tally *tally)
{
    struct walk walk = {.op = op, .tally = tally, .dry = op->request->dry_run};
    struct stat st;
    int to_folder;
    if (!path_clean(&walk.from, from) || !path_clean(&walk.to, to->path))
        return op_errno(op, "copy", from, ENAMETOOLONG);
    if (fstat(from_folder, &st) != 0)
        return op_errno(op, "look at", from, errno);
    int32_t status = make_folder(&walk, to->folder, to->name, &to_folder);
    if (status != HEXMCP_OK)
        return status;
    status = copy_children(&walk, from_folder, to_folder);
    if (walk.dry)
        return status;
    /* One wait for the disk at the end; each file would wait for its own. */
    if (status == HEXMCP_OK && (fchmod(to_folder, st.st_mode & 0777) != 0 || syncfs(to_folder) != 0))
        status = op_errno(op, "write", to->path, errno);
    close(to_folder);
    return status;
}
