/* Texts and errors on their way between a plugin and the host. */
#pragma once

#include <string.h>

#include "hexmcp/abi.h"
#include "ports/types.h"

static inline struct str str_from_plugin(hexmcp_str text)
{
    return (struct str){text.ptr, text.ptr ? text.len : 0};
}

/* Fills the plugin's error, which may be NULL, and returns the code. */
static inline int32_t tell_plugin(const struct error *err, hexmcp_error *out)
{
    if (!out || out->size < sizeof(*out))
        return err->code;
    size_t len = strlen(err->text);
    len = len < sizeof(out->text) ? len : sizeof(out->text) - 1;
    out->code = err->code;
    memcpy(out->text, err->text, len);
    out->text[len] = '\0';
    return err->code;
}
