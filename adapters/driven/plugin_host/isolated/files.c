/* Files that a helper asks for are opened here, on a worker, by the grants of the call. */
#include <stdlib.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/file_service.h"
#include "adapters/driven/plugin_host/isolated/remote.h"

#define PATH_BYTES_MAX 65536u
#define FLAGS_ALL 127u

struct file_job {
    struct plugin *plugin;
    uint64_t remote;
    uint64_t id;
    struct granted granted;
    unsigned flags;
    bool parent;
    int status, fd;
    struct error err;
    char name[FILES_NAME_MAX + 1];
    struct str path;
    char bytes[]; /* the path */
};

static void reply(struct remote *r, uint64_t id, int status, const char *text, int fd)
{
    struct buffer *body = wire_body(r->wire);
    wire_put_i32(body, status);
    wire_put_text(body, str_from(text));
    remote_send(r, WIRE_FILE_REPLY, id, fd);
}

/* [worker] */
static void work(void *arg)
{
    struct file_job *job = arg;
    const struct files_port *port = job->plugin->host->config.files;
    const struct path_grants *grants = &job->granted.grants;
    if (job->parent)
        job->status = port->parent(port->ctx, grants, job->path, job->flags, &job->fd, job->name,
                                   &job->err);
    else
        job->status = port->open(port->ctx, grants, job->path, job->flags, &job->fd, &job->err);
}

static void done(void *arg)
{
    struct file_job *job = arg;
    struct plugin_host *host = job->plugin->host;
    pthread_mutex_lock(&host->lock);
    host->jobs--;
    bool closed = host->closed;
    pthread_mutex_unlock(&host->lock);
    struct isolated *iso = job->plugin->isolated;
    struct remote *r = closed ? NULL : remote_numbered(iso, job->remote);
    iso->jobs--;
    if (r) {
        r->file_count--;
        reply(r, job->id, job->status, job->status ? job->err.text : job->name, job->fd);
    } else if (job->fd >= 0) {
        close(job->fd);
    }
    granted_clear(&job->granted);
    free(job);
    isolated_retired(iso);
}

static struct file_job *job_new(struct remote *r, uint64_t id, struct str path)
{
    struct file_job *job = calloc(1, sizeof(*job) + path.len + 1);
    if (!job)
        return NULL;
    job->plugin = r->owner->plugin;
    job->remote = r->number;
    job->id = id;
    job->fd = -1;
    memcpy(job->bytes, path.ptr, path.len);
    job->path = (struct str){job->bytes, path.len};
    return job;
}

/* The grants of the call, less what the plugin did not ask for. */
static int find_grants(struct remote *r, uint64_t call, unsigned flags, struct granted *out,
                       struct error *err)
{
    const struct plugin *p = r->owner->plugin;
    bool writes = p->grants->writes_paths;
    const struct run *run = live_run(r, call);
    if (!run)
        return error_set(err, ST_NOT_FOUND, "the call has ended");
    if (!p->host->config.files || !p->grants->reads_paths ||
        !run->request.paths || (flags & FILES_WRITE && !writes))
        return error_set(err, ST_DENIED, "the call may not open this");
    if (granted_copy(run->request.paths, call, writes, out))
        return error_set(err, ST_NOMEM, "out of memory");
    return ST_OK;
}

static int submit(struct remote *r, struct file_job *job, struct error *err)
{
    struct plugin_host *host = r->owner->plugin->host;
    const struct executor_port *executor = host->config.executor;
    pthread_mutex_lock(&host->lock);
    host->jobs++;
    pthread_mutex_unlock(&host->lock);
    int rc = executor->submit(executor->ctx, work, done, job, err);
    if (rc) {
        pthread_mutex_lock(&host->lock);
        host->jobs--;
        pthread_mutex_unlock(&host->lock);
        return rc;
    }
    r->file_count++;
    r->owner->jobs++;
    return ST_OK;
}

static int begin(struct remote *r, struct file_job *job, uint64_t call, struct error *err)
{
    int rc = find_grants(r, call, job->flags, &job->granted, err);
    if (rc)
        return rc;
    rc = submit(r, job, err);
    if (rc)
        granted_clear(&job->granted);
    return rc;
}

int remote_file(struct remote *r, const struct wire_message *m, struct error *err)
{
    struct wire_fields f = wire_fields(m->body);
    uint64_t call = wire_u64(&f);
    uint32_t flags = wire_u32(&f);
    bool parent = wire_bool(&f);
    struct str path = wire_text(&f);
    struct error why;
    if (!wire_fields_end(&f) || path.len > PATH_BYTES_MAX || flags & ~FLAGS_ALL ||
        r->file_count >= REMOTE_REQUESTS_MAX)
        return error_set(err, ST_PROTOCOL, "a request for a file that does not fit");
    struct file_job *job = job_new(r, m->id, path);
    if (!job) {
        reply(r, m->id, ST_NOMEM, "out of memory", -1);
        return ST_OK;
    }
    job->flags = flags;
    job->parent = parent;
    if (begin(r, job, call, &why)) {
        reply(r, m->id, why.code, why.text, -1);
        free(job);
    }
    return ST_OK;
}
