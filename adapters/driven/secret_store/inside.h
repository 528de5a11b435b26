/* Inside of secret_store. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "adapters/driven/secret_store/secret_store.h"
#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/base/str.h"
#include "core/json/json.h"

/* Values of one secret that are kept to find them in texts: after a change, the older ones too. */
#define SECRET_VALUES_KEPT 4

enum secret_source { SECRET_ENV, SECRET_FILE, SECRET_KEYRING };

struct secret {
    char name[SECRET_NAME_MAX + 1];
    enum secret_source source;
    char *place;  /* variable, path or description */
    char **hosts; /* rules */
    size_t host_count;
    /* Guarded by the store's lock; the newest first. */
    struct buffer values[SECRET_VALUES_KEPT];
};

struct secret_store {
    struct secret_store_port port;
    struct log_port log_port;
    const struct log_port *log;
    struct plugin_runtime runtime; /* and what is behind and before it */
    const struct plugin_runtime *inner;
    struct run_events own_events;
    const struct run_events *events;
    struct secret *secrets;
    size_t count;
    pthread_mutex_t lock;
    atomic_bool knows; /* a value */
};

struct secret *secret_find(const struct secret_store *store, struct str name);
/* The same; ST_NOT_FOUND says what to do. */
int secret_need(const struct secret_store *store, struct str name, struct secret **out,
                struct error *err);

/* Fills the store from the setting. */
int secrets_parse(struct secret_store *store, struct str sources, struct error *err);

/* Appends the value from its source. ST_UNAVAILABLE says why there is none; ST_NOMEM. */
int secret_read(const struct secret *secret, struct buffer *out, struct error *err);

/* Reads the value anew and keeps it as values[0]. */
int secret_refresh(struct secret_store *store, struct secret *secret, struct error *err);

/* How a value is written in a text; all append and never more than three times its length, or six
 * times for JSON. */
void secret_put_percent(struct buffer *out, struct str value);
void secret_put_json(struct buffer *out, struct str value);

int store_fill(void *ctx, const struct secret_use *use, enum secret_coding coding, struct str text,
               struct buffer *out, struct error *err);
bool store_redact(void *ctx, struct str text, struct buffer *out);

/* The list holds the name. */
bool secret_granted(const struct str *names, size_t count, struct str name);
