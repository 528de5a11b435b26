/*
 * The contract of a storage plugin, in tests. The store lives as long as the program; each test opens
 * the plugin anew and keeps to spaces of its own.
 */
#pragma once

#include "driver.h"

/* What the program was called with. */
struct settings {
    const char *plugin;  /* path of the plugin.so                                                */
    const char *config;  /* its settings, JSON                                                   */
    const char *other;   /* another store, for moving between them; or NULL                      */
    const char *other_config;
    const char *server;  /* a program: `server stop|start|freeze|thaw`; or NULL                  */
    const char *slow;    /* settings with a short limit of time; or NULL                         */
    const char *refused; /* settings with a wrong password; or NULL                              */
    const char *self;    /* this program                                                         */
    int is_memory;       /* what one instance keeps no other sees, and not after its end         */
    int no_dump;         /* dump() is HEXMCP_E_UNSUPPORTED                                       */
};
extern struct settings settings;

/* Cmocka's set-up: a fresh instance as *state. */
int open_store(void **state);
int close_store(void **state);

/* A space that no other test or run has. */
const char *fresh(const char *name);

/* The JSON of an event to append: {"id","type","schema","at","correlation","caller","tenant","data"}. */
const char *event(const char *type, int n);
/* A batch for one stream with `count` events of `type`, the first with n. `expected` is JSON. */
const char *batch(const char *key, const char *stream, const char *expected, const char *type, int n,
                  int count);

struct CMUnitTest;
int run_events(void);
int run_projections(void);
int run_values(void);
int run_blobs(void);
int run_search(void);
int run_dump(void);
int run_life(void);
int run_faults(void);

/* The other process of the test of two: appends `count` events to `stream`. */
int append_many(const char *space, const char *stream, int count);
