/*
 * redis.c - see redis.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "redis.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAUSE_MIN_MS 50
#define PAUSE_MAX_MS 2000

static int64_t clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- errors ---- */

static int32_t broken(struct redis *redis, hexmcp_error *err)
{
    const redisContext *context = redis->context;
    int slow = context->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK ||
                                                errno == ETIMEDOUT);
    char text[128];
    snprintf(text, sizeof(text), "%s", context->errstr);
    redis_close(redis);
    if (slow)
        return hexmcp_fail(err, HEXMCP_E_TIMEOUT,
                           "the Redis server has not answered within %d ms; look what keeps it, or "
                           "raise timeoutMs of the store",
                           redis->settings->timeout_ms);
    return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                       "the connection to the Redis server was lost (%s); it is made again with the "
                       "next request",
                       text);
}

static int begins(const redisReply *reply, const char *text)
{
    return strncmp(reply->str, text, strlen(text)) == 0;
}

/* What Redis says when it refuses a command. */
static int32_t refused(struct redis *redis, const redisReply *reply, hexmcp_error *err)
{
    int32_t code = HEXMCP_E_GENERIC;
    if (begins(reply, "WRONGPASS") || begins(reply, "NOAUTH") || begins(reply, "ERR AUTH") ||
        begins(reply, "ERR invalid password"))
        return hexmcp_fail(err, HEXMCP_E_DENIED,
                           "the Redis server does not let user %s in: the password is wrong or missing; "
                           "put the right one into storage.url by a secret, or into REDISCLI_AUTH",
                           redis->settings->user ? redis->settings->user : "default");
    if (begins(reply, "NOPERM"))
        code = HEXMCP_E_DENIED;
    else if (begins(reply, "OOM") || begins(reply, "LOADING") || begins(reply, "READONLY") ||
             begins(reply, "MISCONF") || begins(reply, "MASTERDOWN") || begins(reply, "NOSCRIPT"))
        code = HEXMCP_E_UNAVAILABLE;
    else if (begins(reply, "BUSY"))
        code = HEXMCP_E_BUSY;
    if (begins(reply, "NOSCRIPT"))
        redis_close(redis);
    return hexmcp_fail(err, code, "Redis refused a command of the store: %.300s", reply->str);
}

/* ---- connecting ---- */

void redis_close(struct redis *redis)
{
    if (redis->context)
        redisFree(redis->context);
    redis->context = NULL;
}

static int32_t open_connection(struct redis *redis, hexmcp_error *err)
{
    const struct settings *s = redis->settings;
    struct timeval limit = {s->timeout_ms / 1000, s->timeout_ms % 1000 * 1000};
    redisContext *context = s->socket ? redisConnectUnixWithTimeout(s->socket, limit)
                                      : redisConnectWithTimeout(s->host, s->port, limit);
    char where[300];
    if (!context)
        return job_no_memory(err);
    redis->context = context;
    if (!context->err) {
        redisSetTimeout(context, limit);
        return HEXMCP_OK;
    }
    if (s->socket)
        snprintf(where, sizeof(where), "%s", s->socket);
    else
        snprintf(where, sizeof(where), "%s:%d", s->host, s->port);
    hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                "the Redis server at %s cannot be reached: %s; it is tried again with the next "
                "requests",
                where, context->errstr);
    redis_close(redis);
    return HEXMCP_E_UNAVAILABLE;
}

static int32_t take(struct redis *redis, redisReply **out, hexmcp_error *err)
{
    void *reply = NULL;
    if (!redis->context)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "the connection to the Redis server was lost; it is made again with the "
                           "next request");
    errno = 0;
    if (redisGetReply(redis->context, &reply) != REDIS_OK || !reply)
        return broken(redis, err);
    *out = reply;
    if ((*out)->type != REDIS_REPLY_ERROR)
        return HEXMCP_OK;
    int32_t status = refused(redis, *out, err);
    freeReplyObject(*out);
    *out = NULL;
    return status;
}

int32_t redis_plain(struct redis *redis, redisReply **out, hexmcp_error *err, const char *format, ...)
{
    va_list args;
    int sent;
    va_start(args, format);
    sent = redisvAppendCommand(redis->context, format, args);
    va_end(args);
    return sent == REDIS_OK ? take(redis, out, err) : broken(redis, err);
}

static int32_t greet(struct redis *redis, hexmcp_error *err)
{
    const struct settings *s = redis->settings;
    redisReply *reply = NULL;
    int32_t status = HEXMCP_OK;
    if (s->password && s->user)
        status = redis_plain(redis, &reply, err, "AUTH %s %s", s->user, s->password);
    else if (s->password)
        status = redis_plain(redis, &reply, err, "AUTH %s", s->password);
    if (reply)
        freeReplyObject(reply);
    reply = NULL;
    if (status == HEXMCP_OK)
        status = redis_plain(redis, &reply, err, "SELECT %d", s->database);
    if (reply)
        freeReplyObject(reply);
    return status;
}

static void warn(const struct redis *redis, const char *text)
{
    redis->host->log(redis->host->ctx, 0, HEXMCP_LOG_WARNING, hexmcp_str_from(text));
}

/* Tells, once, what the server would lose. */
static int32_t look_at_durability(struct redis *redis, hexmcp_error *err)
{
    redisReply *reply = NULL;
    int32_t status;
    if (redis->warned)
        return HEXMCP_OK;
    redis->warned = 1;
    status = redis_plain(redis, &reply, err, "INFO");
    if (status == HEXMCP_E_GENERIC || status == HEXMCP_E_DENIED)
        return HEXMCP_OK;
    if (status != HEXMCP_OK)
        return status;
    if (reply->type == REDIS_REPLY_STRING && strstr(reply->str, "aof_enabled:0"))
        warn(redis, "Redis writes no append-only file: when the server ends, what was stored since its "
                    "last snapshot is lost; set appendonly yes (docs/storage.md)");
    if (reply->type == REDIS_REPLY_STRING && strstr(reply->str, "maxmemory_policy:") &&
        !strstr(reply->str, "maxmemory_policy:noeviction") && !strstr(reply->str, "maxmemory:0\r"))
        warn(redis, "Redis may throw stored keys away when its memory is full; set maxmemory-policy "
                    "noeviction (docs/storage.md)");
    freeReplyObject(reply);
    return HEXMCP_OK;
}

static int32_t load_scripts(struct redis *redis, hexmcp_error *err)
{
    for (int i = 0; i < SCRIPTS; i++)
        if (redisAppendCommand(redis->context, "SCRIPT LOAD %s", script_text((enum script)i)) !=
            REDIS_OK)
            return broken(redis, err);
    for (int i = 0; i < SCRIPTS; i++) {
        redisReply *reply;
        int32_t status = take(redis, &reply, err);
        if (status != HEXMCP_OK)
            return status;
        snprintf(redis->shas[i], sizeof(redis->shas[i]), "%s", reply->str ? reply->str : "");
        freeReplyObject(reply);
    }
    return HEXMCP_OK;
}

/* A connection that the server has closed can be read: there is its end. */
static int is_alive(const struct redis *redis)
{
    struct pollfd fd = {.events = POLLIN};
    if (!redis->context || redis->context->err)
        return 0;
    fd.fd = redis->context->fd;
    return poll(&fd, 1, 0) == 0;
}

int32_t redis_connect(struct redis *redis, hexmcp_error *err)
{
    int32_t status;
    if (is_alive(redis))
        return HEXMCP_OK;
    redis_close(redis);
    if (clock_ms() < redis->not_before_ms)
        return hexmcp_fail(err, redis->refused.code, "%s", redis->refused.text);
    redis->refused.size = sizeof(redis->refused);
    status = open_connection(redis, &redis->refused);
    if (status == HEXMCP_OK)
        status = greet(redis, &redis->refused);
    if (status == HEXMCP_OK)
        status = look_at_durability(redis, &redis->refused);
    if (status == HEXMCP_OK)
        status = load_scripts(redis, &redis->refused);
    if (status == HEXMCP_OK) {
        redis->pause_ms = 0;
        return HEXMCP_OK;
    }
    redis_close(redis);
    redis->pause_ms = redis->pause_ms ? redis->pause_ms * 2 : PAUSE_MIN_MS;
    if (redis->pause_ms > PAUSE_MAX_MS)
        redis->pause_ms = PAUSE_MAX_MS;
    redis->not_before_ms = clock_ms() + redis->pause_ms;
    return hexmcp_fail(err, redis->refused.code, "%s", redis->refused.text);
}

/* ---- commands ---- */

void command_add(struct command *c, hexmcp_str text)
{
    if (c->count == c->room) {
        size_t room = c->room ? c->room * 2 : 16;
        const char **texts = realloc(c->texts, room * sizeof(*texts));
        size_t *lens;
        if (texts)
            c->texts = texts;
        lens = texts ? realloc(c->lens, room * sizeof(*lens)) : NULL;
        if (!lens) {
            c->failed = 1;
            return;
        }
        c->lens = lens;
        c->room = room;
    }
    c->texts[c->count] = text.ptr ? text.ptr : "";
    c->lens[c->count++] = text.len;
}

void command_number(struct command *c, uint64_t number)
{
    char text[24];
    hexmcp_str copy;
    int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
    copy = arena_copy(c->arena, (hexmcp_str){text, (size_t)len});
    if (copy.ptr)
        command_add(c, copy);
    else
        c->failed = 1;
}

void command_begin(struct command *c, struct arena *arena, enum script script,
                   const struct redis *redis, hexmcp_str generation)
{
    memset(c, 0, sizeof(*c));
    c->script = script;
    c->arena = arena;
    command_add(c, hexmcp_str_from("EVALSHA"));
    command_add(c, hexmcp_str_from(redis->shas[script]));
    command_add(c, hexmcp_str_from("2"));
    command_add(c, hexmcp_str_from(redis->settings->prefix));
    command_add(c, generation);
}

void command_free(struct command *c)
{
    free(c->texts);
    free(c->lens);
    memset(c, 0, sizeof(*c));
}

int32_t redis_send(struct redis *redis, struct command *c, hexmcp_error *err)
{
    if (c->failed)
        return job_no_memory(err);
    if (redisAppendCommandArgv(redis->context, (int)c->count, c->texts, c->lens) != REDIS_OK)
        return broken(redis, err);
    return HEXMCP_OK;
}

int32_t redis_reply(struct redis *redis, redisReply **out, hexmcp_error *err)
{
    *out = NULL;
    return take(redis, out, err);
}

int32_t redis_ask(struct redis *redis, struct command *c, redisReply **out, hexmcp_error *err)
{
    int32_t status = redis_send(redis, c, err);
    *out = NULL;
    command_free(c);
    return status == HEXMCP_OK ? take(redis, out, err) : status;
}

static const redisReply *element(const redisReply *reply, size_t index)
{
    return reply->type == REDIS_REPLY_ARRAY && index < reply->elements ? reply->element[index] : NULL;
}

uint64_t reply_number(const redisReply *reply, size_t index)
{
    const redisReply *one = element(reply, index);
    if (!one)
        return 0;
    if (one->type == REDIS_REPLY_INTEGER)
        return (uint64_t)one->integer;
    return one->type == REDIS_REPLY_STRING ? strtoull(one->str, NULL, 10) : 0;
}

hexmcp_str reply_text(const redisReply *reply, size_t index)
{
    const redisReply *one = element(reply, index);
    if (!one || one->type != REDIS_REPLY_STRING)
        return (hexmcp_str){"", 0};
    return (hexmcp_str){one->str, one->len};
}
