/* A state over the fake store; what operations tell is put into one text. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/state/state.h"
#include "tests/core/fakes/fake_key_value_store.h"

#define GLOBAL (&(const struct state_place){STATE_GLOBAL, STR("acme"), {0}, {0}, {0}})
#define ALICE (&(const struct state_place){STATE_SESSION, STR("acme"), STR("alice"), {0}, STR("s1")})
#define BOB (&(const struct state_place){STATE_SESSION, STR("acme"), STR("bob"), {0}, STR("s1")})

extern struct fake_kv kv;      /* the store                                                       */
extern struct fake_kv sealed;  /* where `sealing` writes: so that the difference shows             */
extern struct state_parts parts;
extern struct state *state;
extern int64_t wall;
extern int dones;
extern char told[4000];
extern char published[4000];

int set_up(void **test);
int tear_down(void **test);

/* Makes the state anew with what is in `parts`. */
void again(void);

void set_with(const struct state_place *place, const char *key, const char *json,
              struct state_change change);
void set(const struct state_place *place, const char *key, const char *json);
void erase(const struct state_place *place, const char *key);
void get(const struct state_place *place, const char *key);
void list(const struct state_place *place, struct state_query query);
void clear(const struct state_place *place, const char *prefix);
void usage(const struct state_place *place);
