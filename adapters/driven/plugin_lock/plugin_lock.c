#include "adapters/driven/plugin_lock/plugin_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/plugin_lock/definitions.h"
#include "adapters/driven/private_file/private_file.h"
#include "core/base/time_text.h"
#include "core/json/writer.h"

#define MOST_BYTES ((size_t)16 << 20)

struct plugin_lock {
    char *path; /* NULL: there is none */
    const struct crypto_port *crypto;
    struct json_doc *doc; /* NULL: there is no file, or it cannot be used */
    struct error fault;   /* code 0: none */
    struct stat seen;     /* the file that `doc` is from; all zero if there was none */
};

/* ---- the file ---- */

static void refuse(struct plugin_lock *lock, const char *fault)
{
    error_set(&lock->fault, ST_CONFIG,
              "the lock file %s %s; no plugin is trusted until it is put right, or deleted and the "
              "plugins are trusted anew with \"hexmcp plugin trust\"",
              lock->path, fault);
}

/* Without a file, and with one that cannot be used, nothing is trusted; that is no error. */
static int load(struct plugin_lock *lock, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    struct error fault;
    char what[ERROR_TEXT_SIZE];
    size_t len;
    json_free(lock->doc);
    lock->doc = NULL;
    lock->fault.code = ST_OK;
    lock->seen = (struct stat){0};
    int rc = private_file_read(lock->path, MOST_BYTES, &text, &lock->seen, &fault);
    if (!rc) {
        char *data = buffer_take(&text, &len);
        rc = data ? lock_text_take(data, len, &lock->doc, &fault)
                  : error_set(&fault, ST_NOMEM, "out of memory");
        snprintf(what, sizeof(what), "is damaged: %.240s", fault.text);
    } else {
        snprintf(what, sizeof(what), "%.240s", rc == ST_CONFIG ? fault.text : "cannot be read");
    }
    buffer_clear(&text);
    if (rc == ST_NOMEM)
        return error_set(err, ST_NOMEM, "out of memory");
    if (rc && rc != ST_NOT_FOUND)
        refuse(lock, what);
    return ST_OK;
}

int plugin_lock_open(const char *path, const struct crypto_port *crypto, struct plugin_lock **out,
                     struct error *err)
{
    struct plugin_lock *lock = calloc(1, sizeof(*lock));
    if (!lock)
        return error_set(err, ST_NOMEM, "out of memory");
    lock->crypto = crypto;
    lock->path = path ? strdup(path) : NULL;
    int rc = path && !lock->path ? error_set(err, ST_NOMEM, "out of memory")
                                 : ST_OK;
    if (!rc && lock->path)
        rc = load(lock, err);
    if (rc) {
        plugin_lock_free(lock);
        return rc;
    }
    *out = lock;
    return ST_OK;
}

void plugin_lock_refresh(struct plugin_lock *lock)
{
    struct error err;
    struct stat now;
    bool there = lock->path && lstat(lock->path, &now) == 0;
    if (there ? !private_file_same(lock->path, &lock->seen) : lock->seen.st_ino != 0)
        load(lock, &err);
}

void plugin_lock_free(struct plugin_lock *lock)
{
    if (!lock)
        return;
    json_free(lock->doc);
    free(lock->path);
    free(lock);
}

const char *plugin_lock_fault(const struct plugin_lock *lock)
{
    return lock->fault.code ? lock->fault.text : NULL;
}

struct str plugin_lock_path(const struct plugin_lock *lock)
{
    return str_from(lock->path);
}

bool plugin_lock_find(const struct plugin_lock *lock, struct str id, struct lock_entry *out)
{
    return lock_text_find(lock->doc, id, out);
}

bool plugin_lock_at(const struct plugin_lock *lock, uint32_t index, struct lock_entry *out)
{
    return lock_text_at(lock->doc, index, out);
}

/* ---- the bundle ---- */

static int file_path(const char *folder, const char *name, char out[PATH_MAX], struct error *err)
{
    int len = snprintf(out, PATH_MAX, "%s/%s", folder, name);
    return len > 0 && len < PATH_MAX
               ? ST_OK
               : error_set(err, ST_INVALID, "%s/%s: the path is too long", folder, name);
}

static void add_file(const struct lock_file *file, char *out, size_t size)
{
    snprintf(out, size, "%" PRIu64 ":%" PRIu64 ":%" PRIu64 ":%" PRId64 ".%09" PRIu32 ":%" PRId64
                        ".%09" PRIu32,
             file->dev, file->ino, file->size, file->mtime_s, file->mtime_ns, file->ctime_s,
             file->ctime_ns);
}

static void see(const struct lock_bundle *bundle, char out[LOCK_SEEN_SIZE])
{
    add_file(&bundle->binary, out, LOCK_SEEN_SIZE / 2);
    size_t len = strlen(out);
    out[len++] = ' ';
    add_file(&bundle->manifest, out + len, LOCK_SEEN_SIZE - len);
}

static bool is_file(const struct lock_file *file, const struct stat *st)
{
    return file->dev == st->st_dev && file->ino == st->st_ino &&
           file->size == (uint64_t)st->st_size && file->mtime_s == st->st_mtim.tv_sec &&
           file->mtime_ns == (uint32_t)st->st_mtim.tv_nsec &&
           file->ctime_s == st->st_ctim.tv_sec && file->ctime_ns == (uint32_t)st->st_ctim.tv_nsec;
}

static int changed(const char *path, struct error *err)
{
    return error_set(err, ST_BUSY, "%s changed just now; try again", path);
}

static int digest_open_file(const struct crypto_port *crypto, int fd, const char *path,
                            const struct lock_file *file, char out[LOCK_DIGEST_SIZE],
                            struct error *err)
{
    struct stat st;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size <= 0)
        return error_set(err, ST_INVALID, "%s is no file with something in it", path);
    size_t len = (size_t)st.st_size;
    void *bytes = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return error_set(err, ST_UNAVAILABLE, "%s: %s", path, strerror(errno));
    int rc = lock_digest(crypto, (struct str){bytes, len}, out, err);
    munmap(bytes, len);
    if (!rc && (fstat(fd, &st) || !is_file(file, &st)))
        rc = changed(path, err);
    return rc;
}

static int digest_file(const struct crypto_port *crypto, const char *folder, const char *name,
                       const struct lock_file *file, char out[LOCK_DIGEST_SIZE],
                       struct error *err)
{
    char path[PATH_MAX];
    int rc = file_path(folder, name, path, err);
    if (rc)
        return rc;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return error_set(err, ST_NOT_FOUND, "%s: %s", path, strerror(errno));
    rc = digest_open_file(crypto, fd, path, file, out, err);
    close(fd);
    return rc;
}

int plugin_lock_digests(const struct plugin_lock *lock, const struct lock_bundle *bundle,
                        struct lock_digests *out, struct error *err)
{
    int rc = digest_file(lock->crypto, bundle->path, "plugin.so", &bundle->binary, out->binary,
                         err);
    return rc ? rc
              : digest_file(lock->crypto, bundle->path, "plugin.json", &bundle->manifest,
                            out->manifest, err);
}

static struct lock_subject subject_of(const struct lock_bundle *bundle,
                                      const struct lock_digests *digests)
{
    return (struct lock_subject){
        .id = bundle->id,
        .version = bundle->version,
        .binary = str_from(digests->binary),
        .manifest = str_from(digests->manifest),
        .asked = bundle->asked,
        .definitions = bundle->definitions,
    };
}

/* ---- comparing ---- */

/* Fills in the definitions of the entry: those of the bundle if its manifest is the same; else what was
 * kept, which lives as long as the returned document; nothing if that is gone, so that all of them count
 * as new. */
static struct json_doc *read_definitions(const struct plugin_lock *lock,
                                         const struct lock_subject *subject,
                                         struct lock_entry *entry)
{
    struct json_doc *doc = NULL;
    if (!entry->defined.len)
        return NULL;
    if (str_eq(entry->manifest, subject->manifest))
        entry->definitions = subject->definitions;
    else if (lock_definitions_read(lock->path, lock->crypto, entry->defined, &doc) == ST_OK)
        entry->definitions = json_root(doc);
    return doc;
}

bool plugin_lock_seen(const struct plugin_lock *lock, const struct lock_bundle *bundle)
{
    struct lock_entry entry;
    char seen[LOCK_SEEN_SIZE];
    see(bundle, seen);
    return plugin_lock_find(lock, bundle->id, &entry) && str_eq(str_from(seen), entry.seen);
}

int plugin_lock_judge(struct plugin_lock *lock, const struct lock_bundle *bundle,
                      enum lock_state *state, struct lock_changes *changes, struct error *err)
{
    struct lock_entry entry;
    struct lock_digests digests;
    *state = LOCK_UNKNOWN;
    if (!plugin_lock_find(lock, bundle->id, &entry))
        return ST_OK;
    if (plugin_lock_seen(lock, bundle)) {
        *state = LOCK_SAME;
        return ST_OK;
    }
    int rc = plugin_lock_digests(lock, bundle, &digests, err);
    if (rc)
        return rc;
    struct lock_subject subject = subject_of(bundle, &digests);
    struct json_doc *doc = read_definitions(lock, &subject, &entry);
    *state = lock_compare(&entry, &subject, changes) ? LOCK_CHANGED : LOCK_SAME;
    json_free(doc);
    return ST_OK;
}

int plugin_lock_difference(struct plugin_lock *lock, const struct lock_bundle *bundle,
                           struct buffer *out, struct error *err)
{
    struct lock_entry entry;
    struct lock_digests digests;
    if (!plugin_lock_find(lock, bundle->id, &entry))
        return ST_OK;
    int rc = plugin_lock_digests(lock, bundle, &digests, err);
    if (rc)
        return rc;
    struct lock_subject subject = subject_of(bundle, &digests);
    struct json_doc *doc = read_definitions(lock, &subject, &entry);
    lock_difference(&entry, &subject, out);
    json_free(doc);
    return ST_OK;
}

/* ---- changing ---- */

/* The file as it is now, locked against others who change it. */
static int begin_change(struct plugin_lock *lock, int *held, struct error *err)
{
    char path[PATH_MAX];
    if (!lock->path)
        return error_set(err, ST_CONFIG, "there is no place for the lock file: neither "
                                         "XDG_CONFIG_HOME nor HOME is set, and \"plugins.lock\" names "
                                         "none");
    snprintf(path, sizeof(path), "%s.lock", lock->path);
    int rc = private_file_lock(path, held, err);
    if (rc)
        return rc;
    rc = load(lock, err);
    if (!rc && lock->fault.code) {
        *err = lock->fault;
        rc = ST_CONFIG;
    }
    if (rc)
        private_file_unlock(*held);
    return rc;
}

static int end_change(struct plugin_lock *lock, int held, struct buffer *text, int rc,
                      struct error *err)
{
    if (!rc)
        rc = private_file_replace(lock->path, buffer_str(text), err);
    if (!rc)
        rc = load(lock, err);
    if (!rc)
        lock_definitions_sweep(lock->path, lock->doc);
    private_file_unlock(held);
    buffer_clear(text);
    return rc;
}

int plugin_lock_trust(struct plugin_lock *lock, const struct lock_bundle *bundle,
                      const struct lock_digests *shown, struct json granted,
                      const struct clock_port *clock, struct error *err)
{
    char seen[LOCK_SEEN_SIZE], now[TIME_TEXT_SIZE], defined[LOCK_DIGEST_SIZE];
    struct lock_digests digests;
    struct buffer text = BUFFER_INIT, place = BUFFER_INIT;
    int held, rc = plugin_lock_digests(lock, bundle, &digests, err);
    if (!rc && (strcmp(digests.binary, shown->binary) || strcmp(digests.manifest, shown->manifest)))
        rc = changed(bundle->path, err);
    if (!rc)
        rc = begin_change(lock, &held, err);
    if (rc)
        return rc;
    see(bundle, seen);
    time_text(clock->wall_ms(clock->ctx), now);
    json_quote(&place, str_from(bundle->path));
    struct lock_entry entry = {
        .id = bundle->id,
        .version = bundle->version,
        .place = buffer_str(&place),
        .binary = str_from(digests.binary),
        .manifest = str_from(digests.manifest),
        .seen = str_from(seen),
        .confirmed = str_from(now),
        .asked = bundle->asked,
        .granted = granted,
    };
    rc = lock_definitions_write(lock->path, lock->crypto, json_text(bundle->definitions), defined, err);
    entry.defined = str_from(defined);
    if (!rc)
        rc = lock_text_put(lock->doc, &entry, &text, err);
    buffer_clear(&place);
    return end_change(lock, held, &text, rc, err);
}

int plugin_lock_untrust(struct plugin_lock *lock, struct str id, struct error *err)
{
    struct lock_entry entry;
    struct buffer text = BUFFER_INIT;
    int held, rc = begin_change(lock, &held, err);
    if (rc)
        return rc;
    rc = plugin_lock_find(lock, id, &entry)
             ? lock_text_remove(lock->doc, id, &text, err)
             : error_set(err, ST_NOT_FOUND, "the plugin %.*s is not trusted", STR_ARG(id));
    return end_change(lock, held, &text, rc, err);
}
