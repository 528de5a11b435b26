/* The port for encrypted streams by libsodium (XChaCha20-Poly1305), which is loaded when it is first
 * used. */
#pragma once

#include "ports/driven/stream_cipher.h"

struct secretstream_module;

/* `folder` is where the program's modules are; borrowed. */
int secretstream_module_new(const char *folder, struct secretstream_module **out, struct error *err);

/* NULL is allowed. */
void secretstream_module_free(struct secretstream_module *module);

const struct stream_cipher_port *secretstream_module_port(struct secretstream_module *module);
