/*
 * ports/driven/key_value_store.h in memory, for tests of domains. What is asked for is done at once,
 * unless `hold` is set: then it waits until fake_kv_release(). Versions rise over all keys and spaces
 * by one a change. Time stands still at `now_ms` until the test moves it.
 */
#pragma once

#include "core/base/str.h"
#include "ports/driven/key_value_store.h"

struct fake_kv_row;
struct fake_kv_call;

struct fake_kv {
    struct key_value_store port;

    /* Switches. */
    uint64_t now_ms;
    bool hold;             /* complete nothing before fake_kv_release()                           */
    int fail_after;        /* so many operations from now succeed, then one fails; -1: none does  */
    int fail_code;         /* ST_UNAVAILABLE at first; its text is "the store is away"            */
    bool fail_done;        /* the operation that fails is done nevertheless: its answer is lost    */
    /* Called before each change is made, to let somebody else come between; may be NULL. */
    void (*between)(void *arg);
    void *between_arg;

    /* What was asked. */
    size_t gets, applies, lists, changes;

    /* The content. */
    struct fake_kv_row *rows; /* by space, then key; also removed ones, for their versions         */
    size_t row_count, row_cap;
    uint64_t last_version;
    struct fake_kv_call *held;
};

void fake_kv_init(struct fake_kv *kv);

/* Operations that are held are dropped without an answer. */
void fake_kv_clear(struct fake_kv *kv);

/* Completes what is held, in order, and what that begins if `hold` is off by then. Returns how many. */
size_t fake_kv_release(struct fake_kv *kv);

/* Puts a value there past all switches. */
void fake_kv_put(struct fake_kv *kv, struct str space, struct str key, struct str value);

/* The value that is there; `ptr` is NULL if there is none. */
struct str fake_kv_value(const struct fake_kv *kv, struct str space, struct str key);

/* How many keys a space has; an empty name: all spaces. */
size_t fake_kv_count(const struct fake_kv *kv, struct str space);
