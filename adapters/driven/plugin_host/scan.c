/* Finding plugins: reads the places, takes what the index knows, verifies the rest. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/host.h"
#include "adapters/driven/plugin_host/open_beneath.h"

#define MAX_BUNDLES 4096

struct scan {
    struct plugin_host *host;
    const struct place *place;
    const struct index *index;
    struct bundle_rules rules;
    int fd;
    bool trust_known;
    struct error distrust; /* code 0: the place can be trusted */
    struct error *err;
};

struct names {
    char **list;
    size_t count;
    size_t cap;
};

static void names_clear(struct names *n)
{
    for (size_t i = 0; i < n->count; i++)
        free(n->list[i]);
    free(n->list);
}

static int names_add(struct names *n, const char *name)
{
    if (n->count == n->cap) {
        size_t cap = n->cap ? n->cap * 2 : 64;
        void *list = realloc(n->list, cap * sizeof(*n->list));
        if (!list)
            return ST_NOMEM;
        n->list = list;
        n->cap = cap;
    }
    n->list[n->count] = strdup(name);
    return n->list[n->count] ? (n->count++, ST_OK) : ST_NOMEM;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool may_be_folder(const struct dirent *entry)
{
    return entry->d_name[0] != '.' &&
           (entry->d_type == DT_DIR || entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN);
}

/* The names of the folders in the place, sorted, so that the order does not depend on the disk. */
static int list_folders(int fd, struct names *out)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    struct dirent *entry;
    int rc = ST_OK;
    if (!dir) {
        if (copy >= 0)
            close(copy);
        return ST_OK;
    }
    while (!rc && out->count < MAX_BUNDLES && (entry = readdir(dir)))
        if (may_be_folder(entry))
            rc = names_add(out, entry->d_name);
    closedir(dir);
    if (out->count)
        qsort(out->list, out->count, sizeof(*out->list), by_name);
    return rc;
}

static bool key_of(int fd, const char *folder, const char *file, struct file_key *out)
{
    char path[NAME_MAX + 16];
    struct stat st;
    size_t len = strlen(folder);
    if (len > NAME_MAX)
        return false;
    /* Twice for every plugin at every start, so it does without printf. */
    memcpy(path, folder, len);
    path[len] = '/';
    memcpy(path + len + 1, file, strlen(file) + 1);
    if (fstatat(fd, path, &st, 0) != 0)
        return false;
    *out = file_key_of(&st);
    return true;
}

bool bundle_is_fresh(int at, const char *name, const struct index *index, const struct record *r)
{
    struct file_key manifest, binary;
    return key_of(at, name, "plugin.json", &manifest) && key_of(at, name, "plugin.so", &binary) &&
           index_fresh(index, r, &manifest, &binary);
}

/* What the index knows about the bundle, if that is still so; of a bundled one that is seen later
 * (settle.c). */
static const struct record *look_up(const struct scan *s, const char *name)
{
    struct str place = s->index->relocatable ? STR("") : str_from(s->place->path);
    const struct record *r = index_find(s->index, place, str_from(name));
    return r && (s->index->relocatable || bundle_is_fresh(s->fd, name, s->index, r)) ? r : NULL;
}

int host_verify_again(struct plugin_host *host, const struct place *place, struct str folder,
                      struct record **out, struct error *err)
{
    char name[NAME_MAX + 1];
    struct error distrust;
    struct bundle_rules rules = {&host->config.checks, host->config.crypto,
                                 trust_here(place->given.origin == PLUGIN_BUNDLED)};
    snprintf(name, sizeof(name), "%.*s", STR_ARG(folder));
    if (trust_check_path(&rules.trust, place->path, &distrust))
        return bundle_refused(place->path, name, REFUSED_PERMISSION, distrust.text, out, err);
    int at = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (at < 0)
        return bundle_refused(place->path, name, REFUSED_ABSENT, strerror(errno), out, err);
    int rc = bundle_verify(&rules, at, place->path, name, out, err);
    close(at);
    return rc;
}

bool host_differs(const struct plugin *p)
{
    struct file_key manifest, binary;
    char name[NAME_MAX + 1];
    int at = open(p->place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (at < 0)
        return false;
    snprintf(name, sizeof(name), "%.*s", STR_ARG(record_text(p->record, TEXT_FOLDER)));
    bool there = key_of(at, name, "plugin.json", &manifest) && key_of(at, name, "plugin.so", &binary);
    close(at);
    return there && !(file_key_same(&manifest, &p->record->manifest) &&
                      file_key_same(&binary, &p->record->binary));
}

static int verify(struct scan *s, const char *name, struct record **out)
{
    if (!s->trust_known) {
        s->trust_known = true;
        s->distrust.code = ST_OK;
        trust_check_path(&s->rules.trust, s->place->path, &s->distrust);
    }
    if (s->distrust.code)
        return bundle_refused(s->place->path, name, REFUSED_PERMISSION, s->distrust.text, out,
                              s->err);
    return bundle_verify(&s->rules, s->fd, s->place->path, name, out, s->err);
}

/* A folder without a manifest, found in passing, is no plugin. */
static bool is_bundle(const struct scan *s, const char *name)
{
    char path[NAME_MAX + 16];
    snprintf(path, sizeof(path), "%s/plugin.json", name);
    return s->place->single || faccessat(s->fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int take_bundle(struct scan *s, const char *name)
{
    const struct record *known = look_up(s, name);
    struct record *fresh = NULL;
    if (known)
        return host_add(s->host, s->place, known, NULL, s->err);
    if (!is_bundle(s, name))
        return ST_OK;
    int rc = verify(s, name, &fresh);
    return rc ? rc : host_add(s->host, s->place, fresh, fresh, s->err);
}

static int take_all(struct scan *s)
{
    struct names names = {0};
    int rc = list_folders(s->fd, &names);
    if (rc)
        error_set(s->err, rc, "out of memory");
    for (size_t i = 0; !rc && i < names.count; i++)
        rc = take_bundle(s, names.list[i]);
    names_clear(&names);
    return rc;
}

/* What was asked for by name and cannot be opened is listed; the usual folders may be missing. */
static int report_missing(struct scan *s, int number)
{
    char reason[PATH_MAX + 64];
    struct record *r;
    if (!s->place->single && s->place->given.origin < PLUGIN_CONFIG)
        return ST_OK;
    const char *name = s->place->single ? s->place->single : s->place->path;
    snprintf(reason, sizeof(reason), "%s: %s", s->place->path, strerror(number));
    int rc = bundle_refused(s->place->path, name, REFUSED_ABSENT, reason, &r, s->err);
    return rc ? rc : host_add(s->host, s->place, r, r, s->err);
}

static void open_bundled_index(struct scan *s, struct place *place)
{
    struct stat st;
    enum refusal why;
    struct error err;
    int fd = open_file_beneath(s->fd, "index", &st, &why, &err);
    if (fd < 0)
        return;
    if (trust_check(&s->rules.trust, &st, "index", &err)) {
        close(fd);
        return;
    }
    if (index_open(fd, (size_t)st.st_size, true, &place->index, &err) == ST_OK)
        s->index = &place->index;
}

static int scan_place(struct plugin_host *host, struct place *place, struct error *err)
{
    static const struct index none = INDEX_EMPTY;
    bool bundled = place->given.origin == PLUGIN_BUNDLED;
    struct scan s = {.host = host, .place = place, .index = &none, .err = err};
    s.rules = (struct bundle_rules){&host->config.checks, host->config.crypto, trust_here(bundled)};
    s.fd = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s.fd < 0)
        return report_missing(&s, errno);
    if (bundled)
        open_bundled_index(&s, place);
    else if (!place->single)
        s.index = &host->user_index;
    int rc = place->single ? take_bundle(&s, place->single) : take_all(&s);
    close(s.fd);
    return rc;
}

static void open_user_index(struct plugin_host *host)
{
    struct stat st;
    struct error err;
    struct trust trust = trust_here(false);
    if (!host->config.user_index)
        return;
    int fd = open(host->config.user_index, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
        trust_check(&trust, &st, host->config.user_index, &err)) {
        close(fd);
        return;
    }
    index_open(fd, (size_t)st.st_size, false, &host->user_index, &err);
}

/* The index is of this start's places alone, so it cannot grow for ever. */
static void save_user_index(const struct plugin_host *host)
{
    const struct record **keep = calloc(host->plugin_count + 1, sizeof(*keep));
    size_t count = 0, fresh = 0;
    struct error err;
    if (!keep || !host->config.user_index)
        goto out;
    for (size_t i = 0; i < host->plugin_count; i++) {
        const struct plugin *p = host->plugins[i];
        if (p->place->single || p->place->given.origin == PLUGIN_BUNDLED ||
            !index_may_keep(p->record))
            continue;
        keep[count++] = p->record;
        fresh += p->owned != NULL;
    }
    if (fresh && index_write(host->config.user_index, false, keep, count, &err))
        host->config.log->write(host->config.log->ctx, LOG_LEVEL_INFO, STR("plugins"),
                                str_from(err.text));
out:
    free(keep);
}

int host_scan(struct plugin_host *host, struct error *err)
{
    open_user_index(host);
    for (size_t i = 0; i < host->place_count; i++) {
        int rc = scan_place(host, &host->places[i], err);
        if (rc)
            return rc;
    }
    save_user_index(host);
    return ST_OK;
}
