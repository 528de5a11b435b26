/*
 * SPDX-License-Identifier: MIT
 */
#include "start.h"

#include <gmodule.h>
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>
#include <vips/vector.h>

#include "kit/source.h"

/* Files that are not quite right make warnings by the hundred; errors come with the result. */
static void be_silent(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer arg)
{
    (void)domain;
    (void)level;
    (void)text;
    (void)arg;
}

int32_t start_library(hexmcp_error *err)
{
    g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE, be_silent, NULL);
    /* It would load all its modules, among them those for ImageMagick and PDF: it finds none there. */
    setenv("VIPSHOME", "/dev/null", 1);
    if (VIPS_INIT("hexmcp") != 0) {
        hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "libvips cannot start: %.200s", vips_error_buffer());
        vips_error_clear();
        return HEXMCP_E_UNAVAILABLE;
    }
    vips_block_untrusted_set(TRUE);
    /* No machine code made at run time; and nothing remembered, since that is by the address of bytes. */
    vips_vector_set_enabled(FALSE);
    vips_cache_set_max(0);
    vips_concurrency_set(1);
    return HEXMCP_OK;
}

int32_t start_module(const struct format *format, hexmcp_error *err)
{
    static GModule *module;
    if (!format->module || module || vips_type_find("VipsOperation", format->loader))
        return HEXMCP_OK;
    module = g_module_open(VIPS_MODULES "/vips-heif.so", G_MODULE_BIND_LAZY);
    if (module)
        return HEXMCP_OK;
    return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED,
                       "%s needs a module of libvips that is not there: %.200s; take another format",
                       format->name, g_module_error());
}

int32_t start_failed(const hexmcp_round *r, const char *what, const char *path, const char *next)
{
    char *said = vips_error_buffer_copy();
    g_strchomp(said);
    said[strcspn(said, "\n")] = '\0'; /* what follows comes of it */
    hexmcp_fail(r->err, HEXMCP_E_INVALID, "%.*s cannot be %s: %.200s; %s", SHOWN(path), what,
                *said ? said : "its data is damaged", next);
    g_free(said);
    return HEXMCP_E_INVALID;
}
