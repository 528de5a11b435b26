/* A JSON Web Key Set (RFC 7517): the public keys in it that tokens can be signed with. [any] */
#pragma once

#include "adapters/driven/authenticator/auth_module.h"
#include "core/json/json.h"

#define KEY_SET_MAX 64

struct key_set;

/* Keys of other kinds, for other uses, without `kid`, and those that are no keys are left out;
 * ST_INVALID: none is left, or the text is no key set. */
int key_set_parse(struct str text, const struct auth_module *module, struct key_set **out,
                  struct error *err);

/* NULL is allowed. */
void key_set_free(struct key_set *set);

/* The key of this name for this algorithm, NULL if there is none. Lives as long as the set. */
const struct public_key *key_set_find(const struct key_set *set, struct str kid,
                                      enum token_algorithm algorithm);
