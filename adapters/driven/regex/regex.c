#include "adapters/driven/regex/regex.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/module/module.h"
#include "core/base/error.h"

struct regex_module {
    struct regex_port port; /* what the core sees */
    const char *folder;
    pthread_mutex_t loading;
    struct regex_port pcre; /* what the module gave; no functions before it is loaded */
};

typedef void (*regex_entry)(struct regex_port *out);

static int open_module(struct regex_module *m, struct error *err)
{
    module_entry *entry;
    int rc = module_open(m->folder, "regex", &entry, err);
    if (!rc)
        ((regex_entry)entry)(&m->pcre);
    return rc;
}

static int load(struct regex_module *m, struct error *err)
{
    pthread_mutex_lock(&m->loading);
    int rc = m->pcre.compile ? ST_OK : open_module(m, err);
    pthread_mutex_unlock(&m->loading);
    return rc;
}

static int compile(void *ctx, struct str pattern, struct regex **out, struct error *err)
{
    struct regex_module *m = ctx;
    int rc = load(m, err);
    return rc ? rc : m->pcre.compile(m->pcre.ctx, pattern, out, err);
}

/* A regex exists, so the module is loaded. */
static int search(void *ctx, const struct regex *regex, struct str subject, struct error *err)
{
    const struct regex_module *m = ctx;
    return m->pcre.search(m->pcre.ctx, regex, subject, err);
}

static void free_regex(void *ctx, struct regex *regex)
{
    struct regex_module *m = ctx;
    if (regex)
        m->pcre.free(m->pcre.ctx, regex);
}

int regex_module_new(const char *folder, struct regex_module **out, struct error *err)
{
    struct regex_module *m = calloc(1, sizeof(*m));
    if (!m)
        return error_set(err, ST_NOMEM, "out of memory");
    m->folder = folder;
    pthread_mutex_init(&m->loading, NULL);
    m->port = (struct regex_port){m, compile, search, free_regex};
    *out = m;
    return ST_OK;
}

void regex_module_free(struct regex_module *m)
{
    if (!m)
        return;
    pthread_mutex_destroy(&m->loading);
    free(m);
}

const struct regex_port *regex_module_port(struct regex_module *m)
{
    return &m->port;
}
