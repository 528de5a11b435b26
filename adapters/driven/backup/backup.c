#include "adapters/driven/backup/inside.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int backups_new(const struct backup_ports *ports, const struct backup_options *options,
                struct backups **out, struct error *err)
{
    if (strlen(options->store) >= BACKUP_NAME_SIZE || strlen(options->key) >= BACKUP_NAME_SIZE)
        return error_set(err, ST_CONFIG, "the name of the store or of the key has more than %d bytes",
                         BACKUP_NAME_SIZE - 1);
    struct backups *b = calloc(1, sizeof(*b));
    if (!b)
        return error_set(err, ST_NOMEM, "out of memory");
    b->ports = *ports;
    b->options = *options;
    b->folder = strdup(options->folder);
    b->store = strdup(options->store);
    b->key = strdup(options->key);
    b->jobs = 1; /* the owner */
    if (!b->folder || !b->store || !b->key) {
        backups_free(b);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    *out = b;
    return ST_OK;
}

void backups_hold(struct backups *b)
{
    b->jobs++;
}

void backups_release(struct backups *b)
{
    if (--b->jobs)
        return;
    free(b->folder);
    free(b->store);
    free(b->key);
    free(b);
}

void backups_stop(struct backups *b)
{
    b->closed = true;
}

bool backups_working(const struct backups *b)
{
    return b->jobs > 1;
}

void backups_free(struct backups *b)
{
    if (!b)
        return;
    b->closed = true;
    backups_release(b);
}

/* Something that one worker does and that is told then. */
struct look {
    struct backups *b;
    int (*work)(struct look *l);
    void (*tell)(struct look *l, const struct error *err);
    void (*done)(void);
    void *arg;
    char id[BACKUP_ID_SIZE];
    bool dry_run;
    int64_t now_ms;
    struct backup_list list;
    struct backup_facts facts;
    bool *gone;
    int code;
    struct error err;
};

static void look_work(void *arg)
{
    struct look *l = arg;
    l->code = l->work(l);
}

static void look_done(void *arg)
{
    struct look *l = arg;
    struct backups *b = l->b;
    if (!b->closed)
        l->tell(l, l->code ? &l->err : NULL);
    free(l->list.all);
    free(l->gone);
    free(l);
    backups_release(b);
}

/* `l` is copied. */
static void look(const struct look *l)
{
    const struct executor_port *executor = l->b->ports.executor;
    struct look *own = malloc(sizeof(*own));
    struct look failed = *l;
    if (!own) {
        error_set(&failed.err, ST_NOMEM, "out of memory");
        l->tell(&failed, &failed.err);
        return;
    }
    *own = *l;
    own->now_ms = l->b->ports.clock->wall_ms(l->b->ports.clock->ctx);
    backups_hold(l->b);
    if (executor->submit(executor->ctx, look_work, look_done, own, &own->err)) {
        own->code = own->err.code;
        look_done(own);
    }
}

typedef void list_done(void *arg, const struct error *err, const struct backup_facts *all, size_t count);
typedef void prune_done(void *arg, const struct error *err, const struct backup_facts *all,
                        const bool *gone, size_t count);

static int list_work(struct look *l)
{
    return folder_list(l->b->folder, &l->list, &l->err);
}

static void list_tell(struct look *l, const struct error *err)
{
    ((list_done *)l->done)(l->arg, err, l->list.all, l->list.count);
}

void backups_list(struct backups *b, list_done *done, void *arg)
{
    const struct look l = {.b = b, .work = list_work, .tell = list_tell, .done = (void (*)(void))done,
                           .arg = arg};
    look(&l);
}

static int verify_work(struct look *l)
{
    struct chain chain;
    int rc = folder_list(l->b->folder, &l->list, &l->err);
    if (!rc)
        rc = chain_load(l->b, &l->list, l->id, &chain, &l->err);
    if (rc)
        return rc;
    l->facts = chain.facts[chain.count - 1];
    chain_clear(&chain);
    return ST_OK;
}

static void verify_tell(struct look *l, const struct error *err)
{
    ((backup_done *)l->done)(l->arg, err, err ? NULL : &l->facts);
}

void backups_verify(struct backups *b, const char *id, backup_done *done, void *arg)
{
    struct look l = {.b = b, .work = verify_work, .tell = verify_tell, .done = (void (*)(void))done,
                     .arg = arg};
    strncat(l.id, id, sizeof(l.id) - 1);
    look(&l);
}

/* Those that add to others go first, so that no chain is ever broken. */
static int remove_gone(struct look *l)
{
    int rc = ST_OK;
    for (size_t i = l->list.count; !rc && i-- > 0;) {
        char *path = l->gone[i] ? folder_path(l->b->folder, l->list.all[i].id, false) : NULL;
        if (path && unlink(path) != 0)
            rc = error_set(&l->err, ST_UNAVAILABLE, "the backup %s cannot be removed", path);
        free(path);
    }
    return rc;
}

static int prune_work(struct look *l)
{
    int rc = folder_list(l->b->folder, &l->list, &l->err);
    if (rc)
        return rc;
    l->gone = calloc(l->list.count + 1, sizeof(*l->gone));
    if (!l->gone)
        return error_set(&l->err, ST_NOMEM, "out of memory");
    backup_retention(l->list.all, l->list.count, &l->b->options.rules, l->now_ms, l->gone);
    return l->dry_run ? ST_OK : remove_gone(l);
}

static void prune_tell(struct look *l, const struct error *err)
{
    ((prune_done *)l->done)(l->arg, err, l->list.all, l->gone, err ? 0 : l->list.count);
}

void backups_prune(struct backups *b, bool dry_run, prune_done *done, void *arg)
{
    const struct look l = {.b = b, .work = prune_work, .tell = prune_tell, .done = (void (*)(void))done,
                           .arg = arg, .dry_run = dry_run};
    look(&l);
}
