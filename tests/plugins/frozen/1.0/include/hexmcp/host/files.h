/*
 * hexmcp/host/files.h - "hexmcp.files/1": files and folders beneath what the operator granted.
 *
 * SPDX-License-Identifier: MIT
 *
 * For plugins whose manifest asks for it with "grants": {"paths": ["read"]} or ["read", "write"];
 * others get NULL for this id. A tool names those of its arguments that are paths in
 * "run": {"pathArguments": ["path"]}: the service works only in calls that have one of them.
 *
 * What a call may open are the granted folders, narrowed by the roots of the client. The host
 * resolves and opens; the plugin gets a descriptor. Links that lead out of a granted folder are not
 * followed, whoever changes them meanwhile, nor are the links of /proc. What is opened is a regular
 * file or a folder, never a device, a socket or a pipe, nor a file of /proc and its like, nor a file
 * that has further names (hard links), because one of them may be outside; the operator can allow
 * the last with grants.hard_links.
 *
 * Paths are UTF-8 or other bytes without NUL, at most 4,096 bytes. An absolute path must be beneath a
 * granted folder; a relative one is taken from the first of them. ".." works as long as it stays
 * beneath. "~" is a name like any other.
 *
 * Errors, with a text for the model in *err (NULL is allowed):
 *   HEXMCP_E_DENIED     not beneath what is granted, only readable, or none of the allowed kinds
 *   HEXMCP_E_NOT_FOUND  there is no such file, or the call is not running
 *   HEXMCP_E_INVALID    a path that is empty, too long or holds a NUL; flags that do not fit; a
 *                       folder where a file was expected, or the reverse; it exists already
 *   HEXMCP_E_TOO_LARGE, HEXMCP_E_BUSY, HEXMCP_E_NOMEM, HEXMCP_E_GENERIC   as the system said
 */
#ifndef HEXMCP_HOST_FILES_H
#define HEXMCP_HOST_FILES_H

#include "hexmcp/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HEXMCP_FILES_1 "hexmcp.files/1"

/* Flags of open(), and what a granted folder allows. Since: 1.0. */
#define HEXMCP_FILES_READ 1u       /* read the content of a file, or the entries of a folder     */
#define HEXMCP_FILES_WRITE 2u      /* change what is there                                       */
#define HEXMCP_FILES_CREATE 4u     /* with WRITE: make the file (mode 0644 less the umask) if it
                                      is not there; folders on the way are not made             */
#define HEXMCP_FILES_EXCLUSIVE 8u  /* with CREATE: HEXMCP_E_INVALID if it is there               */
#define HEXMCP_FILES_TRUNCATE 16u  /* with WRITE: empty it                                       */
#define HEXMCP_FILES_APPEND 32u    /* with WRITE: each write goes to the end                     */
#define HEXMCP_FILES_DIRECTORY 64u /* a folder, to list it: with READ alone                      */

/* Longest path and longest name, in bytes, without a NUL. */
#define HEXMCP_FILES_PATH_MAX 4096
#define HEXMCP_FILES_NAME_MAX 255

/* Since: 1.0. */
typedef struct hexmcp_files_1 {
    uint32_t size;
    uint32_t reserved; /* 0 */
    void *ctx;         /* first argument of every function below */

    /* [worker] Opens a file or folder for the call `call`. On HEXMCP_OK *fd is a descriptor with
     * close-on-exec that the plugin closes. Reading and writing it is the plugin's business; a
     * folder's entries must be opened by a path again, not by openat() on the descriptor. */
    int32_t (*open)(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t flags, int32_t *fd,
                    hexmcp_error *err);

    /* [worker] Opens the folder that holds the entry `path`, to look at the entry itself or to change
     * which entries there are. `access` is HEXMCP_FILES_READ (then for fstatat() and readlinkat()
     * only) or HEXMCP_FILES_WRITE (for mkdirat(), unlinkat(), renameat() and a new file beside the
     * old one, too). On HEXMCP_OK *fd is a descriptor as above and `name` (HEXMCP_FILES_NAME_MAX + 1
     * bytes) the entry's name, NUL-terminated, one component. The name need not exist; pass it to
     * the *at() functions with the flags that do not follow links. A granted folder is no entry of
     * itself: HEXMCP_E_DENIED. */
    int32_t (*parent)(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t access, int32_t *fd,
                      char *name, hexmcp_error *err);

    /* [any] Tells the folders that the call may open: calls each(arg, path, access) for one after
     * the other, `access` being HEXMCP_FILES_READ, or both READ and WRITE. `path` is absolute and
     * borrowed until return. HEXMCP_OK, also for none; HEXMCP_E_NOT_FOUND if the call is not
     * running. */
    int32_t (*roots)(void *ctx, hexmcp_call call,
                     void (*each)(void *arg, hexmcp_str path, uint32_t access), void *arg);
} hexmcp_files_1;

#ifdef __cplusplus
}
#endif

#endif
