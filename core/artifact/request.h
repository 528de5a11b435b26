/*
 * Inside of core/artifact: one operation while it runs. It is a chain of steps; a step ends by asking a
 * port for something and naming the step that comes then, by answering, or by failing. A port that
 * answers at once does not make the stack grow.
 */
#pragma once

#include "core/artifact/artifact.h"
#include "core/artifact/content.h"
#include "core/base/buffer.h"

#define CALLER_SIZE 33   /* 32 digits that stand for who asks                                     */
#define HANDLE_SIZE 33   /* of a record: 16 digits that fall with time, 16 of chance              */
#define KEY_SIZE 200

struct upload;
struct request;
struct gc;

typedef void step(struct request *r);

struct artifacts {
    struct artifact_ports ports;
    struct artifact_limits limits;
    struct upload *uploads;
    size_t upload_count;
    size_t running; /* requests */
    bool closed;
};

struct request {
    struct artifacts *a;
    struct operation_call *call;
    struct json args;
    char caller[CALLER_SIZE];
    char *space;
    struct error err;
    int code; /* of what was asked last */

    /* The engine. */
    step *next;
    bool busy, stepping, ended;

    /* What ports said. */
    struct buffer value;   /* get(); the last key of list()                                      */
    uint64_t version;
    bool conflict, more;
    struct buffer bytes;   /* of a blob                                                          */
    uint64_t blob_bytes;
    struct blob_put *put;
    void (*each)(struct request *r, const struct kv_entry *entry);
    void (*work)(struct request *r); /* [worker] */
    struct buffer prefix;

    /* A block on its way into the store (job_store_block). */
    struct block block;
    struct str block_bytes;
    step *block_then;
    int tries;

    /* The artifact that it is about (job_find_target). */
    char handle[HANDLE_SIZE];
    struct json_doc *record;
    uint64_t record_version;
    step *found;

    /* The rest is of single operations. */
    struct upload *upload;
    size_t taken;
    struct content content;
    struct buffer out;
    struct buffer scratch;
    uint64_t at, end, count, scanned;
    size_t index;
    char *raw, *squeezed; /* BLOCK_BYTES each */
    struct str piece;
    struct gc *gc;
    struct buffer keys;   /* of list(), one behind the other, each ended by NUL                  */
    uint64_t removed;
};

/* Begins a request for a call and runs its first step. */
void job_begin(struct artifacts *a, struct operation_call *call, step *first);

/* Ends it. */
void job_answer(struct request *r, struct str json);
void job_fail(struct request *r, const struct error *err);
void job_failf(struct request *r, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Each runs `next` with r->code and what is named beside it. */
void job_get(struct request *r, const char *key, step *next);  /* value, version              */
void job_apply(struct request *r, const struct kv_change *changes, size_t count,
                   step *next);                                    /* conflict                    */
/* One page of at most `limit`: each() gets the entries, r->value is the last key, r->more. */
void job_list(struct request *r, const char *prefix, struct str after, uint32_t limit,
                  bool values, void (*each)(struct request *r, const struct kv_entry *entry),
                  step *next);
void job_blob(struct request *r, const uint8_t key[BLAKE3_BYTES], step *next); /* bytes       */
void job_remove_blob(struct request *r, const uint8_t key[BLAKE3_BYTES], step *next);
/* Has `work` done on a worker. */
void job_work(struct request *r, void (*work)(struct request *r), step *next);

/* Puts r->block with r->block_bytes into the store and marks it as used now. Fails the request, or runs
 * `next`. */
void job_store_block(struct request *r, step *next);

/* Finds the record that the arguments name ("id", "session"; or "name", "session", "version") into
 * r->handle, r->record, r->record_version. Fails the request, or runs `next`. */
void job_find_target(struct request *r, step *next);

/* For what is asked of a port past the functions above: before it, and in its answer. */
void job_wait(struct request *r, step *next);
void job_told(struct request *r, const struct error *err);

/* For steps after a port: true if it failed, and the request with it. */
bool job_failed(struct request *r);

/* A string of the arguments; empty if there is none. Stays as long as the request. */
struct str job_text(struct request *r, const char *name);
uint64_t job_number(const struct request *r, const char *name, uint64_t otherwise);
bool job_flag(const struct request *r, const char *name);

/* printf into a key of the request's space. */
void key_of(char key[KEY_SIZE], const char *format, ...) __attribute__((format(printf, 2, 3)));

/* 32 digits of the BLAKE3 digest of two texts. */
void short_digest(struct str a, struct str b, char out[CALLER_SIZE]);

/* The 64 digits of an id, which is checked. */
bool id_digits(struct str id, char out[65]);

int64_t job_now(const struct request *r);

/* For uploads. */
void uploads_free(struct artifacts *a);

/* The operations. */
void artifact_put(void *domain, struct operation_call *call);
void artifact_begin(void *domain, struct operation_call *call);
void artifact_write(void *domain, struct operation_call *call);
void artifact_finish(void *domain, struct operation_call *call);
void artifact_drop(void *domain, struct operation_call *call);
void artifact_get(void *domain, struct operation_call *call);
void artifact_stat(void *domain, struct operation_call *call);
void artifact_list(void *domain, struct operation_call *call);
void artifact_tag(void *domain, struct operation_call *call);
void artifact_hold(void *domain, struct operation_call *call);
void artifact_release(void *domain, struct operation_call *call);
void artifact_remove(void *domain, struct operation_call *call);
void artifact_gc(void *domain, struct operation_call *call);
void artifact_usage(void *domain, struct operation_call *call);
