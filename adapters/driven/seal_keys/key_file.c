#include "adapters/driven/seal_keys/key_file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "adapters/driven/private_file/private_file.h"
#include "core/base/error.h"

#define NAME "seal-keys"
#define LOCK_NAME "seal-keys.lock"

static int file_path(const char *folder, const char *name, char out[PATH_MAX], struct error *err)
{
    if ((size_t)snprintf(out, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
        return error_set(err, ST_UNAVAILABLE, "%s: the path is too long", folder);
    return ST_OK;
}

static int refuse(const char *path, const char *fault, struct error *err)
{
    return error_set(err, ST_CONFIG,
                     "the key file %s %s; delete it: a new one is made, and what was sealed before "
                     "becomes invalid",
                     path, fault);
}

int key_file_read(const char *folder, struct key_list *out, struct stat *seen, struct error *err)
{
    char path[PATH_MAX];
    struct buffer text = BUFFER_INIT;
    struct error fault;
    int rc = file_path(folder, NAME, path, err);
    if (rc)
        return rc;
    rc = private_file_read(path, MAX_KEY_TEXT, &text, seen, &fault);
    if (rc == ST_CONFIG)
        refuse(path, fault.text, err);
    else if (rc)
        error_set(err, rc, "%s", fault.text);
    else if (!key_text_read(buffer_str(&text), out))
        rc = refuse(path, "is damaged", err);
    if (text.data)
        explicit_bzero(text.data, text.cap);
    buffer_clear(&text);
    return rc;
}

bool key_file_same(const char *folder, const struct stat *seen)
{
    char path[PATH_MAX];
    return !file_path(folder, NAME, path, NULL) && private_file_same(path, seen);
}

int key_file_lock(const char *folder, int *lock, struct error *err)
{
    char path[PATH_MAX];
    int rc = file_path(folder, LOCK_NAME, path, err);
    return rc ? rc : private_file_lock(path, lock, err);
}

void key_file_unlock(int lock)
{
    private_file_unlock(lock);
}

int key_file_replace(const char *folder, const struct key_list *keys, struct error *err)
{
    char path[PATH_MAX];
    struct buffer text = BUFFER_INIT;
    int rc = file_path(folder, NAME, path, err);
    /* Room for all at once, so that no copy of a key stays behind in freed memory. */
    if (!rc && !buffer_reserve(&text, MAX_KEY_TEXT))
        rc = error_set(err, ST_NOMEM, "out of memory");
    if (rc)
        return rc;
    key_text_write(keys, &text);
    rc = private_file_replace(path, buffer_str(&text), err);
    explicit_bzero(text.data, text.len);
    buffer_clear(&text);
    return rc;
}
