/* The codec port by libzstd, which is loaded when it is first used. */
#pragma once

#include "ports/driven/codec.h"

struct zstd_module;

/* `folder` is where the program's modules are; borrowed. */
int zstd_module_new(const char *folder, struct zstd_module **out, struct error *err);

/* NULL is allowed. */
void zstd_module_free(struct zstd_module *module);

const struct codec_port *zstd_module_port(struct zstd_module *module);
