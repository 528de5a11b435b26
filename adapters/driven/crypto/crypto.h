/* The crypto port by libsodium, which is loaded when it is first used. */
#pragma once

#include "ports/driven/crypto.h"

struct crypto_module;

/* `folder` is where the program's modules are; borrowed. */
int crypto_module_new(const char *folder, struct crypto_module **out, struct error *err);

/* NULL is allowed. */
void crypto_module_free(struct crypto_module *module);

const struct crypto_port *crypto_module_port(struct crypto_module *module);
