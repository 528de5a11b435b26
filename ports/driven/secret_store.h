/*
 * Secrets of the operator: values that plugins name by handle and the host puts in where it sends.
 * Nothing else in the program sees a value, and no log line or error text holds one.
 */
#pragma once

#include "ports/plugin_grants.h"

struct buffer;

/* What stands for the secret NAME in texts of plugins: "{{secret:NAME}}". */
#define SECRET_HANDLE_OPEN "{{secret:"
#define SECRET_HANDLE_CLOSE "}}"

/* Longest name: a letter, then letters, digits, '_', '-' and '.'. Longest value, in bytes. */
#define SECRET_NAME_MAX 64
#define SECRET_VALUE_MAX 65536

/* True for what may be the name of a secret. */
static inline bool secret_name_valid(struct str name)
{
    if (name.len == 0 || name.len > SECRET_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool other = (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
        if (!letter && (i == 0 || !other))
            return false;
    }
    return true;
}

/* Who sends, and where to. */
struct secret_use {
    const struct plugin_grants *grants; /* of the plugin                                          */
    struct str host;                    /* as a rule would name it, without brackets: "::1"       */
    uint16_t port;
};

enum secret_coding {
    SECRET_PLAIN,   /* as it is; ST_INVALID for a value with control characters                   */
    SECRET_PERCENT, /* all but letters, digits, '-', '.', '_' and '~' as %XX                       */
};

struct secret_store_port {
    void *ctx;

    /*
     * [loop] Appends `text` to `out` with the value in the place of each handle. Room is made before
     * a value is put in, so that none is left behind in freed memory; wipe `out` (buffer_wipe) when
     * it is not needed any more. A text without handles is appended as it is.
     *
     * ST_DENIED: the plugin was not granted a secret, or its operator does not allow it for that
     * host. ST_NOT_FOUND: the configuration has no such secret. ST_INVALID: a malformed handle, or a
     * value that must not stand there. ST_UNAVAILABLE: its source has no value now. ST_NOMEM. `out`
     * is as it was then.
     */
    int (*fill)(void *ctx, const struct secret_use *use, enum secret_coding coding,
                struct str text, struct buffer *out, struct error *err);

    /* [loop] Appends the value for a plugin that may see it. The errors of fill(). */
    int (*reveal)(void *ctx, const struct plugin_grants *grants, struct str name,
                  struct buffer *out, struct error *err);

    /* [any] If `text` holds a value that was used in this process, also in its JSON or percent
     * coding: appends it to `out` with the handle in its place, and returns true. Else false, and
     * `out` is as it was. Values below 6 bytes are not looked for. Without memory `out` gets
     * "[out of memory]". */
    bool (*redact)(void *ctx, struct str text, struct buffer *out);
};
