#include "adapters/driven/plugin_lock/definitions.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/private_file/private_file.h"
#include "core/base/str.h"

#define MOST_BYTES ((size_t)16 << 20)
#define ALGORITHM "sha256:"

int lock_digest(const struct crypto_port *crypto, struct str bytes, char out[LOCK_DIGEST_SIZE],
                struct error *err)
{
    uint8_t raw[SHA256_BYTES];
    int rc = crypto ? crypto->sha256(crypto->ctx, bytes, raw, err)
                    : error_set(err, ST_UNSUPPORTED, "digests cannot be made here");
    if (rc)
        return rc;
    size_t len = (size_t)snprintf(out, LOCK_DIGEST_SIZE, ALGORITHM);
    for (size_t i = 0; i < SHA256_BYTES; i++)
        snprintf(out + len + 2 * i, 3, "%02x", raw[i]);
    return ST_OK;
}

/* PATH.d/DIGITS.json; without a digest the folder. */
static bool file_of(const char *path, struct str digest, char out[PATH_MAX])
{
    size_t skip = sizeof(ALGORITHM) - 1;
    int len = digest.len ? snprintf(out, PATH_MAX, "%s.d/%.*s.json", path, (int)(digest.len - skip),
                                    digest.ptr + skip)
                         : snprintf(out, PATH_MAX, "%s.d", path);
    return len > 0 && len < PATH_MAX;
}

int lock_definitions_write(const char *path, const struct crypto_port *crypto, struct str text,
                           char out[LOCK_DIGEST_SIZE], struct error *err)
{
    char folder[PATH_MAX], file[PATH_MAX];
    int rc = lock_digest(crypto, text, out, err);
    if (rc)
        return rc;
    if (!file_of(path, (struct str){NULL, 0}, folder) || !file_of(path, str_from(out), file))
        return error_set(err, ST_INVALID, "%s: the path is too long", path);
    if (mkdir(folder, 0700) && errno != EEXIST)
        return error_set(err, ST_UNAVAILABLE, "%s: %s", folder, strerror(errno));
    return private_file_replace(file, text, err);
}

int lock_definitions_read(const char *path, const struct crypto_port *crypto, struct str digest,
                          struct json_doc **out)
{
    char file[PATH_MAX], found[LOCK_DIGEST_SIZE] = "";
    struct buffer text = BUFFER_INIT;
    struct stat seen;
    int rc = file_of(path, digest, file) ? private_file_read(file, MOST_BYTES, &text, &seen, NULL)
                                         : ST_NOT_FOUND;
    if (!rc)
        rc = lock_digest(crypto, buffer_str(&text), found, NULL);
    if (!rc)
        rc = str_eq(str_from(found), digest) ? json_parse(buffer_str(&text), out, NULL) : ST_NOT_FOUND;
    buffer_clear(&text);
    return rc ? ST_NOT_FOUND : ST_OK;
}

static bool is_needed(const char *path, const struct json_doc *doc, const char *name)
{
    char file[PATH_MAX];
    struct lock_entry entry;
    for (uint32_t i = 0; lock_text_at(doc, i, &entry); i++)
        if (entry.defined.len && file_of(path, entry.defined, file) &&
            strcmp(strrchr(file, '/') + 1, name) == 0)
            return true;
    return false;
}

void lock_definitions_sweep(const char *path, const struct json_doc *doc)
{
    char folder[PATH_MAX];
    DIR *dir = file_of(path, (struct str){NULL, 0}, folder) ? opendir(folder) : NULL;
    const struct dirent *entry;
    while (dir && (entry = readdir(dir)))
        if (entry->d_name[0] != '.' && !is_needed(path, doc, entry->d_name))
            unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir)
        closedir(dir);
}
