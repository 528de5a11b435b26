/* The program opens files; a worker waits for the descriptor. */
#include <stdlib.h>

#include "adapters/driven/plugin_host/helper/helper.h"

struct file_wait {
    struct file_wait *next;
    struct helper *helper;
    uint64_t id;
    uint64_t call;
    struct str path;
    unsigned flags;
    bool parent;
    bool done; /* guarded by the lock */
    int status, fd;
    struct error *err;
    char name[FILES_NAME_MAX + 1];
};

static void ask(void *arg)
{
    struct file_wait *wait = arg;
    struct helper *h = wait->helper;
    struct buffer *body = wire_body(h->wire);
    wait->id = ++h->ids;
    wait->next = h->files_open;
    h->files_open = wait;
    wire_put_u64(body, wait->call);
    wire_put_u32(body, wait->flags);
    wire_put_u8(body, wait->parent);
    wire_put_text(body, wait->path);
    helper_send(h, WIRE_FILE, wait->id);
}

/* [worker] */
static int wait_for(struct helper *h, struct file_wait *wait)
{
    if (loop_post(h->loop, ask, wait, wait->err))
        return wait->err->code;
    pthread_mutex_lock(&h->lock);
    while (!wait->done)
        pthread_cond_wait(&h->answered, &h->lock);
    pthread_mutex_unlock(&h->lock);
    return wait->status;
}

static int open_file(void *ctx, const struct path_grants *grants, struct str path, unsigned flags,
                     int *fd, struct error *err)
{
    struct file_wait wait = {
        .helper = ctx, .call = grants->call, .path = path, .flags = flags, .err = err};
    int rc = wait_for(ctx, &wait);
    if (!rc)
        *fd = wait.fd;
    return rc;
}

static int open_parent(void *ctx, const struct path_grants *grants, struct str path,
                       unsigned access, int *fd, char name[FILES_NAME_MAX + 1], struct error *err)
{
    struct file_wait wait = {.helper = ctx,
                             .call = grants->call,
                             .path = path,
                             .flags = access,
                             .parent = true,
                             .err = err};
    int rc = wait_for(ctx, &wait);
    if (!rc) {
        *fd = wait.fd;
        memcpy(name, wait.name, sizeof(wait.name));
    }
    return rc;
}

/* With the lock held. */
static void answer(struct file_wait *wait, struct wire_message *m, int status, struct str text)
{
    if (!status && m->fd >= 0 && text.len <= FILES_NAME_MAX) {
        wait->fd = m->fd;
        m->fd = -1;
        memcpy(wait->name, text.ptr, text.len);
    } else {
        wait->status = error_set(wait->err, status ? status : ST_GENERIC, "%.*s", STR_ARG(text));
    }
    wait->done = true;
    pthread_cond_broadcast(&wait->helper->answered);
}

int helper_file_reply(struct helper *h, struct wire_message *m, struct error *err)
{
    struct wire_fields f = wire_fields(m->body);
    int status = wire_i32(&f);
    struct str text = wire_text(&f);
    struct file_wait **at = &h->files_open;
    while (*at && (*at)->id != m->id)
        at = &(*at)->next;
    if (!*at || !wire_fields_end(&f))
        return error_set(err, ST_PROTOCOL, "a reply about a file that nobody asked for");
    struct file_wait *wait = *at;
    *at = wait->next;
    pthread_mutex_lock(&h->lock);
    answer(wait, m, status, text);
    pthread_mutex_unlock(&h->lock);
    return ST_OK;
}

void helper_files_init(struct helper *h)
{
    h->files = (struct files_port){.ctx = h, .open = open_file, .parent = open_parent};
}
