/*
 * Reads from a shared library, as data, what the host must know before any code of it runs: the
 * exported constant `hexmcp_plugin_info`, whether `hexmcp_plugin_create` is there, and the
 * libraries that it needs.
 *
 * Only program headers and the dynamic section are used, which stripping keeps. Nothing in the
 * file is believed: every offset is checked against the file's size.
 */
#pragma once

#include "adapters/driven/plugin_host/refusal.h"
#include "core/base/buffer.h"
#include "core/base/error.h"
#include "hexmcp/entry.h"

struct elf_facts {
    hexmcp_plugin_info_1 info; /* copied; magic and size checked, id and version terminated */
    struct buffer needed;      /* names of the needed libraries as a JSON array             */
};

/* Reads the file's bytes `image`. On success the caller clears out->needed. On failure *why says
 * which kind (ELF or SYMBOL) and the text begins with "plugin.so: ". */
int elf_read(struct str image, struct elf_facts *out, enum refusal *why, struct error *err);
