/*
 * server.c - see server.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "kit/server.h"

#include <pthread.h>
#include <stdlib.h>

/* A put or a restore that waits for more. */
struct open_call {
    struct open_call *next;
    hexmcp_call call;
    enum server_lane lane;
};

struct side {
    struct server *server;
    void *arg;
};

struct server {
    struct front *front;
    struct server_work work;
    struct side sides[SERVER_LANES];
    struct lane *lanes[SERVER_LANES];
    pthread_mutex_t mutex; /* of `open` */
    struct open_call *open;
};

static enum server_lane lane_of(enum job_kind kind)
{
    switch (kind) {
    case JOB_READ:
    case JOB_READ_ALL:
    case JOB_ROWS:
    case JOB_BLOB_STAT:
    case JOB_BLOB_LIST:
    case JOB_QUERY:
        return LANE_READS;
    case JOB_BLOB_GET:
        return LANE_BYTES;
    case JOB_DUMP:
    case JOB_RESTORE:
    case JOB_LOAD:
        return LANE_DUMPS;
    default:
        return LANE_CHANGES;
    }
}

/* With the mutex held. */
static struct open_call **find(struct server *server, hexmcp_call call)
{
    struct open_call **at = &server->open;
    while (*at && (*at)->call != call)
        at = &(*at)->next;
    return at;
}

static int open_add(struct server *server, hexmcp_call call, enum server_lane lane)
{
    struct open_call *one = malloc(sizeof(*one));
    if (!one)
        return 0;
    one->call = call;
    one->lane = lane;
    pthread_mutex_lock(&server->mutex);
    one->next = server->open;
    server->open = one;
    pthread_mutex_unlock(&server->mutex);
    return 1;
}

static void open_drop(struct server *server, hexmcp_call call)
{
    struct open_call **at, *one;
    pthread_mutex_lock(&server->mutex);
    at = find(server, call);
    one = *at;
    if (one)
        *at = one->next;
    pthread_mutex_unlock(&server->mutex);
    free(one);
}

static int open_has(struct server *server, hexmcp_call call, enum server_lane *lane)
{
    struct open_call *one;
    pthread_mutex_lock(&server->mutex);
    one = *find(server, call);
    if (one)
        *lane = one->lane;
    pthread_mutex_unlock(&server->mutex);
    return one != NULL;
}

static int goes_on(enum job_kind kind)
{
    return kind == JOB_BLOB_WRITE || kind == JOB_LOAD;
}

/* The lane's work, and then: what has ended is open no more, and what had ended is not ended again. */
static void run(void *arg, struct job *jobs)
{
    const struct side *side = arg;
    struct job *job;
    side->server->work.run(side->arg, jobs);
    for (job = jobs; job; job = job->next) {
        enum server_lane lane;
        if (!goes_on(job->kind) && job->kind != JOB_GIVE_UP && job->kind != JOB_BLOB_PUT &&
            job->kind != JOB_RESTORE)
            continue;
        if (!open_has(side->server, job->call, &lane))
            job->open = 1;
        else if (!job->open)
            open_drop(side->server, job->call);
    }
}

static void end(void *arg)
{
    const struct side *side = arg;
    side->server->work.end(side->arg);
}

static int32_t put(struct server *server, const struct job *job, hexmcp_error *err)
{
    enum server_lane lane = lane_of(job->kind);
    int32_t status;
    if (!open_add(server, job->call, lane))
        return job_no_memory(err);
    status = lane_put(server->lanes[lane], job, 0, err);
    if (status != HEXMCP_PENDING)
        open_drop(server, job->call);
    return status;
}

static int32_t submit(void *store, struct job *job, hexmcp_error *err)
{
    struct server *server = store;
    enum server_lane lane = lane_of(job->kind);
    int32_t status;
    if (job->kind == JOB_BLOB_PUT || job->kind == JOB_RESTORE)
        return put(server, job, err);
    if (!goes_on(job->kind))
        return lane_put(server->lanes[lane], job, 0, err);
    if (!open_has(server, job->call, &lane))
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "the call has ended");
    status = lane_put(server->lanes[lane], job, 1, err);
    if (status != HEXMCP_PENDING || job->flags != 0)
        return status;
    return HEXMCP_OK;
}

static void give_up(struct server *server, hexmcp_call call, enum server_lane lane)
{
    struct job job = {.kind = JOB_GIVE_UP, .call = call, .host = &server->front->host};
    hexmcp_error err = {.size = sizeof(err)};
    lane_put(server->lanes[lane], &job, 0, &err);
}

static void cancel(void *store, hexmcp_call call)
{
    struct server *server = store;
    enum server_lane lane;
    if (open_has(server, call, &lane)) {
        give_up(server, call, lane);
        return;
    }
    for (int i = 0; i < SERVER_LANES; i++)
        if (lane_cancel(server->lanes[i], call))
            return;
}

struct server *server_new(struct front *front, struct server_work work)
{
    struct server *server = calloc(1, sizeof(*server));
    if (!server)
        return NULL;
    server->front = front;
    server->work = work;
    pthread_mutex_init(&server->mutex, NULL);
    front->store = server;
    front->submit = submit;
    front->cancel = cancel;
    front_init(front);
    for (int i = 0; i < SERVER_LANES; i++) {
        server->sides[i] = (struct side){server, work.arg[i]};
        server->lanes[i] = lane_new((struct lane_work){&server->sides[i], run, end});
        if (!server->lanes[i]) {
            server_free(server);
            return NULL;
        }
    }
    return server;
}

/* The calls that are open, in an array that the caller frees. */
static size_t open_list(struct server *server, struct open_call **out)
{
    struct open_call *one;
    size_t count = 0, i = 0;
    pthread_mutex_lock(&server->mutex);
    for (one = server->open; one; one = one->next)
        count++;
    *out = calloc(count + 1, sizeof(**out));
    for (one = server->open; *out && one; one = one->next)
        (*out)[i++] = *one;
    pthread_mutex_unlock(&server->mutex);
    return i;
}

void server_stop(struct server *server)
{
    struct open_call *list;
    size_t count = open_list(server, &list);
    for (size_t i = 0; i < count; i++)
        give_up(server, list[i].call, list[i].lane);
    free(list);
    for (int i = 0; i < SERVER_LANES; i++)
        if (server->lanes[i])
            lane_stop(server->lanes[i]);
}

void server_free(struct server *server)
{
    if (!server)
        return;
    server_stop(server);
    for (int i = 0; i < SERVER_LANES; i++)
        lane_free(server->lanes[i]);
    pthread_mutex_destroy(&server->mutex);
    free(server);
}
