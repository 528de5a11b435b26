#include "adapters/driven/plugin_host/file_service.h"

#include <stdlib.h>

#include "adapters/driven/plugin_host/crossing.h"

static size_t text_of(const struct path_grants *grants)
{
    size_t len = 1;
    for (size_t i = 0; i < grants->count; i++)
        len += grants->at[i].folder.len + grants->at[i].real.len + grants->at[i].beneath.len;
    return len;
}

static void copy_text(struct str *text, char **at)
{
    if (text->len)
        memcpy(*at, text->ptr, text->len);
    text->ptr = *at;
    *at += text->len;
}

int granted_copy(const struct path_grants *from, uint64_t call, bool writes, struct granted *out)
{
    char *at = malloc(text_of(from));
    struct path_grant *entries = calloc(from->count + 1, sizeof(*entries));
    *out = (struct granted){.grants = *from, .entries = entries, .text = at};
    out->grants.at = entries;
    out->grants.call = call;
    if (!at || !entries) {
        free(at);
        free(entries);
        return HEXMCP_E_NOMEM;
    }
    for (size_t i = 0; i < from->count; i++) {
        entries[i] = from->at[i];
        entries[i].write = entries[i].write && writes;
        copy_text(&entries[i].folder, &at);
        copy_text(&entries[i].real, &at);
        copy_text(&entries[i].beneath, &at);
    }
    return HEXMCP_OK;
}

void granted_clear(struct granted *granted)
{
    free(granted->entries);
    free(granted->text);
}

static int32_t find_granted(struct plugin *p, hexmcp_call call, struct granted *out,
                            struct error *err)
{
    bool writes = p->grants->writes_paths;
    int32_t rc = HEXMCP_E_NOT_FOUND;
    pthread_mutex_lock(&p->host->lock);
    const struct run *run = run_find_open(p, call);
    if (run)
        rc = run->request.paths ? granted_copy(run->request.paths, call, writes, out) : HEXMCP_E_DENIED;
    pthread_mutex_unlock(&p->host->lock);
    if (rc == HEXMCP_E_DENIED)
        return error_set(err, rc,
                         "the call has no argument that plugin.json names in \"pathArguments\", so "
                         "it may open no file");
    return rc ? error_set(err, rc, rc == HEXMCP_E_NOMEM ? "out of memory" : "the call has ended")
              : HEXMCP_OK;
}

/* Files can be slow, whatever the disk. */
static int32_t begin(struct plugin *p, hexmcp_call call, uint32_t access, struct granted *granted,
                     struct error *err)
{
    if (host_on_loop(p->host)) {
        plugin_log(p, LOG_LEVEL_ERROR,
                   "used " HEXMCP_FILES_1 " on the loop; its tool must have the mode \"worker\"");
        return error_set(err, ST_PROTOCOL, "files cannot be opened on the loop thread");
    }
    if (access & HEXMCP_FILES_WRITE && !p->grants->writes_paths &&
        p->record->flags & RECORD_WRITES_PATHS)
        return error_set(err, ST_DENIED,
                         "plugin %.*s was not granted to change files; run: hexmcp plugin trust %.*s",
                         STR_ARG(plugin_id(p)), STR_ARG(plugin_id(p)));
    if (access & HEXMCP_FILES_WRITE && !p->grants->writes_paths)
        return error_set(err, ST_DENIED,
                         "plugin %.*s asks to read files and not to change them: its plugin.json does "
                         "not say \"grants\": {\"paths\": [\"read\", \"write\"]}",
                         STR_ARG(plugin_id(p)));
    return find_granted(p, call, granted, err);
}

static int32_t service_open(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t flags,
                            int32_t *fd, hexmcp_error *out)
{
    struct plugin *p = ctx;
    const struct files_port *port = p->host->config.files;
    struct granted granted;
    struct error err;
    int32_t rc = begin(p, call, flags, &granted, &err);
    if (rc)
        return tell_plugin(&err, out);
    rc = port->open(port->ctx, &granted.grants, str_from_plugin(path), flags, fd, &err);
    granted_clear(&granted);
    return rc ? tell_plugin(&err, out) : HEXMCP_OK;
}

static int32_t service_parent(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t access,
                              int32_t *fd, char *name, hexmcp_error *out)
{
    struct plugin *p = ctx;
    const struct files_port *port = p->host->config.files;
    struct granted granted;
    struct error err;
    int32_t rc = begin(p, call, access, &granted, &err);
    if (rc)
        return tell_plugin(&err, out);
    rc = port->parent(port->ctx, &granted.grants, str_from_plugin(path), access, fd, name, &err);
    granted_clear(&granted);
    return rc ? tell_plugin(&err, out) : HEXMCP_OK;
}

static void tell_root(const struct path_grant *grant, struct buffer *scratch,
                      void (*each)(void *arg, hexmcp_str path, uint32_t access), void *arg)
{
    uint32_t access = HEXMCP_FILES_READ | (grant->write ? HEXMCP_FILES_WRITE : 0);
    buffer_reset(scratch, SIZE_MAX);
    buffer_add_str(scratch, grant->folder);
    if (grant->beneath.len && grant->folder.len > 1)
        buffer_add_char(scratch, '/');
    buffer_add_str(scratch, grant->beneath);
    if (!buffer_failed(scratch))
        each(arg, (hexmcp_str){scratch->data, scratch->len}, access);
}

static int32_t service_roots(void *ctx, hexmcp_call call,
                             void (*each)(void *arg, hexmcp_str path, uint32_t access), void *arg)
{
    struct granted granted;
    struct buffer scratch = BUFFER_INIT;
    int32_t rc = find_granted(ctx, call, &granted, NULL);
    if (rc)
        return rc == HEXMCP_E_DENIED ? HEXMCP_OK : rc;
    for (size_t i = 0; i < granted.grants.count; i++)
        tell_root(&granted.grants.at[i], &scratch, each, arg);
    buffer_clear(&scratch);
    granted_clear(&granted);
    return HEXMCP_OK;
}

const hexmcp_files_1 *file_service_of(const struct plugin *p)
{
    if (p->grants->reads_paths && p->host->config.files)
        return &p->files;
    if (plugin_denied(p, "asked for " HEXMCP_FILES_1 " and was not granted \"paths\""))
        return NULL;
    plugin_log(p, LOG_LEVEL_WARNING,
               "asked for " HEXMCP_FILES_1 ", but plugin.json does not say \"grants\": {\"paths\": "
               "[\"read\"]} or [\"read\", \"write\"]");
    return NULL;
}

void file_service_init(struct plugin *p)
{
    p->files = (hexmcp_files_1){.size = sizeof(p->files),
                                .ctx = p,
                                .open = service_open,
                                .parent = service_parent,
                                .roots = service_roots};
}
